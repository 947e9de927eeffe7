using System.Diagnostics;
using System.Net;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Telemetry;

/// <summary>
/// A silo and a gateway member, each a host of its own: a trace continues from one to the other in their messages.
/// </summary>
public sealed class ClusterTraceTests : IAsyncLifetime
{
    private RedisServer? _redis;
    private PostgresServer? _postgres;
    private GridHost? _silo;
    private GridHost? _gateway;

    private GridHost Gateway => _gateway!;

    public async Task InitializeAsync()
    {
        if (RedisServer.Program is null || PostgresServer.Binaries is null)
            return;
        _redis = new RedisServer();
        _postgres = new PostgresServer();
        _silo = new GridHost { IsSilo = true, Settings = { ["Grid:Postgres"] = _postgres.CreateDatabase() } };
        // They share the keys of one folder; the silo alone stores data in it.
        _gateway = new GridHost
        {
            Data = _silo.Data,
            Settings = { ["Grid:Role"] = "Gateway", ["Grid:Gateway:VenueAgeMax"] = "00:00:00" },
        };
        foreach (var host in new[] { _silo, _gateway })
        {
            host.Settings["Grid:Telemetry:Otlp"] = "http://127.0.0.1:9";
            host.Settings["Grid:Telemetry:TraceRatio"] = "0";
            host.Settings["Grid:Cluster:Redis"] = _redis.ConnectionString;
            await host.StartAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_silo is not null)
            await _silo.DisposeAsync();
        _redis?.Dispose();
        _postgres?.Dispose();
    }

    [RedisFact]
    public async Task A_scan_is_one_trace_from_a_gateway_through_its_silo_to_the_store()
    {
        var (resident, venueId) = (await Gateway.RegisterAsync(), await Gateway.VenueAsync(new { minDoses = 0 }));
        var code = await Gateway.CodeAsync(resident);

        var all = await TraceAsync(
            "/v1/scans",
            Gateway.Token(Role.Device, venueId),
            new
            {
                scanId = Guid.NewGuid().ToString(),
                venueId,
                token = code,
            },
            count: 7
        );

        var paths = PathsOf(all);
        foreach (var call in new[] { "IVenueGrain.Get", "IResidentGrain.Scan" })
            Assert.Contains($"POST /v1/scans > {call} > turn", paths);
        Assert.Contains("POST /v1/scans > IResidentGrain.Scan > turn > store wait", paths);
        Assert.Contains("POST /v1/scans > IResidentGrain.Scan > turn > store commit", paths);
        AssertSaysNothingOf(all, resident.Id.ToString(), resident.Id.ToString("N"), venueId);
    }

    [RedisFact]
    public async Task A_result_is_one_trace_from_a_gateway_through_its_tube_to_each_resident()
    {
        var resident = await Gateway.RegisterAsync();
        var (tubeId, site) = ($"T-{Guid.NewGuid():N}", Gateway.Token(Role.Sampler, "site-1"));
        var collectedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await DoneAsync(
            "/v1/tubes",
            site,
            new
            {
                tubeId,
                capacity = 10,
                siteId = "site-1",
            }
        );
        await DoneAsync($"/v1/tubes/{tubeId}/samples", site, new { residentId = resident.Id, collectedAt });
        await DoneAsync($"/v1/tubes/{tubeId}/seal", site, null);

        var all = await TraceAsync(
            "/v1/results",
            Gateway.Token(Role.Lab, "lab-1"),
            new
            {
                tubeId,
                sequence = 1,
                method = "rt-pcr",
                result = "negative",
                testedAt = collectedAt.AddSeconds(30),
            },
            count: 7
        );

        var paths = PathsOf(all);
        Assert.Contains("POST /v1/results > ITubeGrain.Report > turn > store commit", paths);
        Assert.Contains(
            "POST /v1/results > ITubeGrain.Report > turn > IResidentGrain.Apply > turn > store commit",
            paths
        );
        AssertSaysNothingOf(all, resident.Id.ToString(), resident.Id.ToString("N"), tubeId);
    }

    [RedisFact]
    public async Task An_unsampled_request_creates_no_span_in_the_silo_either()
    {
        var resident = await Gateway.RegisterAsync();
        using var spans = new SpanCatch();
        var (quiet, loud) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        await Gateway.SendAsync(
            HttpMethod.Get,
            "/v1/me/code",
            resident.Token,
            null,
            ("traceparent", $"00-{quiet}-{ActivitySpanId.CreateRandom()}-00")
        );
        await Gateway.SendAsync(
            HttpMethod.Get,
            "/v1/me/code",
            resident.Token,
            null,
            ("traceparent", $"00-{loud}-{ActivitySpanId.CreateRandom()}-01")
        );

        Assert.Contains("GET /v1/me/code > IResidentGrain.Show > turn", PathsOf(await spans.OfAsync(loud, count: 3)));
        Assert.Empty(spans.Now(quiet));
    }

    private async Task<Activity[]> TraceAsync(string path, string token, object body, int count)
    {
        using var spans = new SpanCatch();
        var trace = ActivityTraceId.CreateRandom();
        var answer = await Gateway.CallAsync(
            HttpMethod.Post,
            path,
            token,
            body,
            ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01")
        );
        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Accepted, answer.Text);
        var all = await spans.OfAsync(trace, count);
        Assert.All(all, span => Assert.NotEqual(ActivityStatusCode.Error, span.Status));
        return all;
    }

    private async Task DoneAsync(string path, string token, object? body)
    {
        var answer = await Gateway.CallAsync(HttpMethod.Post, path, token, body);
        Assert.True((int)answer.Status < 300, answer.Text);
    }

    /// <summary>For each span the names from the request to it.</summary>
    private static HashSet<string> PathsOf(Activity[] all)
    {
        var known = all.ToDictionary(span => span.SpanId);
        return [.. all.Select(Path)];

        string Path(Activity span) =>
            known.TryGetValue(span.ParentSpanId, out var parent)
                ? $"{Path(parent)} > {span.DisplayName}"
                : span.DisplayName;
    }

    private static void AssertSaysNothingOf(Activity[] all, params string[] keys) =>
        Assert.All(all, span =>
            Assert.All(keys, key =>
                Assert.DoesNotContain(
                    key,
                    $"{span.DisplayName} {string.Join(' ', span.TagObjects.Select(tag => tag.Value))} "
                        + span.TraceStateString,
                    StringComparison.Ordinal
                )
            )
        );
}
