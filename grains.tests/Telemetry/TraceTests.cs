using System.Diagnostics;
using System.Net;
using Grid.Gateway.Tokens;
using Grid.Silo.Stores.Sqlite;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Telemetry;

/// <summary>One request is one trace, from the gateway through the grains to the store.</summary>
public sealed partial class TraceTests(TraceTests.TracedGrid grid) : IClassFixture<TraceTests.TracedGrid>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_scan_is_one_trace_through_gateway_grains_and_store()
    {
        var (resident, venueId) = (await grid.RegisterAsync(), await grid.VenueAsync(new { minDoses = 0 }));
        var code = await grid.CodeAsync(resident);
        using var spans = new SpanCatch();
        var (trace, caller) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());

        Assert.Equal(HttpStatusCode.OK, (await ScanAsync(venueId, code, $"00-{trace}-{caller}-01")).Status);

        var all = await spans.OfAsync(trace, count: 5);
        var request = One(all, "POST /v1/scans");
        Assert.Equal(
            (caller, ActivityKind.Server, "Grid.Gateway"),
            (request.ParentSpanId, request.Kind, request.Source.Name)
        );
        Assert.Equal(200, request.GetTagItem("http.response.status_code"));
        // The resident is active in this process: its published view answers without a grain call.
        var call = One(all, "IVenueGrain.Get");
        Assert.Equal((request.SpanId, "Grid.Calls"), (call.ParentSpanId, call.Source.Name));
        Assert.Single(all, each => each.DisplayName == "turn" && each.ParentSpanId == call.SpanId);
        var (wait, commit) = (One(all, "store wait"), One(all, "store commit"));
        Assert.Equal(
            (request.SpanId, request.SpanId, "Grid.Store"),
            (wait.ParentSpanId, commit.ParentSpanId, commit.Source.Name)
        );
        Assert.InRange(commit.StartTimeUtc, wait.StartTimeUtc, request.StartTimeUtc + request.Duration);
        Assert.All(all, span => Assert.NotEqual(ActivityStatusCode.Error, span.Status));
        foreach (var key in new[] { resident.Id.ToString(), resident.Id.ToString("N"), venueId })
            Assert.DoesNotContain(all, span =>
                span.TagObjects.Any(tag => $"{tag.Value}".Contains(key, StringComparison.Ordinal))
            );
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task A_request_that_fails_in_the_store_is_traced_afterwards_and_names_the_store()
    {
        var (resident, venueId) = (await grid.RegisterAsync(), await grid.VenueAsync(new { minDoses = 0 }));
        var code = await grid.CodeAsync(resident);
        using var spans = new SpanCatch();
        var trace = ActivityTraceId.CreateRandom();
        Answer answer;
        // Write locks on the files block every commit until they are released.
        using (new Held(grid.Data))
        {
            answer = await ScanAsync(venueId, code, $"00-{trace}-{ActivitySpanId.CreateRandom()}-00");
            var health = await grid.CallAsync(HttpMethod.Get, "/readyz?verbose", null);
            // Displays work without the store, so the gateway must stay ready.
            Assert.Equal(HttpStatusCode.OK, health.Status);
            Assert.Matches("(?m)^store: grid-0[0-9]\\.db: not answering", health.Text);
        }
        await RecoverAsync();

        answer.Refused(503, "store-unavailable");
        Assert.Equal(trace.ToHexString(), answer.Problem.TraceId);
        var request = Assert.Single(await spans.OfAsync(trace, count: 1));
        Assert.Equal("POST /v1/scans", request.DisplayName);
        Assert.Equal(ActivityStatusCode.Error, request.Status);
        Assert.Equal(
            ("store", "store-unavailable", "failed"),
            (request.GetTagItem("grid.tier"), request.GetTagItem("error.type"), request.GetTagItem("grid.late"))
        );
        Assert.InRange(request.Duration, TimeSpan.FromMilliseconds(250), Patience);
    }

    [Fact]
    public async Task In_a_traced_request_that_fails_in_the_store_the_commit_span_fails()
    {
        var (resident, venueId) = (await grid.RegisterAsync(), await grid.VenueAsync(new { minDoses = 0 }));
        var code = await grid.CodeAsync(resident);
        using var spans = new SpanCatch();
        var trace = ActivityTraceId.CreateRandom();
        using (new Held(grid.Data))
            (await ScanAsync(venueId, code, $"00-{trace}-{ActivitySpanId.CreateRandom()}-01")).Refused(
                503,
                "store-unavailable"
            );
        await RecoverAsync();

        var failed = (await spans.OfAsync(trace, count: 5))
            .Where(span => span.Status == ActivityStatusCode.Error)
            .Select(span => span.DisplayName)
            .ToHashSet();
        Assert.Superset(new HashSet<string> { "POST /v1/scans" }, failed);
        Assert.Contains(failed, name => name is "store commit" or "store wait");
        Assert.DoesNotContain("IVenueGrain.Get", failed);
    }

    [Fact]
    public async Task A_slow_request_is_traced_afterwards()
    {
        using var spans = new SpanCatch();
        var trace = ActivityTraceId.CreateRandom();
        var person = GridHost.NewPerson();
        var challenge = new { idNumber = person.IdNumber, phone = person.Phone };
        await grid.CallAsync(
            HttpMethod.Post,
            "/v1/sessions/challenge",
            null,
            challenge,
            ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-00")
        );

        var request = Assert.Single(await spans.OfAsync(trace, count: 1));
        Assert.Equal("POST /v1/sessions/challenge", request.DisplayName);
        Assert.Equal(("slow", ActivityStatusCode.Unset), (request.GetTagItem("grid.late"), request.Status));
    }

    [Fact]
    public async Task A_request_without_tracing_creates_no_span()
    {
        var resident = await grid.RegisterAsync();
        using var spans = new SpanCatch();
        var quiet = ActivityTraceId.CreateRandom();
        await grid.SendAsync(
            HttpMethod.Get,
            "/v1/me/code",
            resident.Token,
            null,
            ("traceparent", $"00-{quiet}-{ActivitySpanId.CreateRandom()}-00")
        );
        await grid.SendAsync(HttpMethod.Get, "/v1/me/code", resident.Token, null, ("traceparent", "not a trace"));
        var loud = ActivityTraceId.CreateRandom();
        await grid.SendAsync(
            HttpMethod.Get,
            "/v1/me/code",
            resident.Token,
            null,
            ("traceparent", $"00-{loud}-{ActivitySpanId.CreateRandom()}-01")
        );

        Assert.Contains(await spans.OfAsync(loud, count: 1), span => span.DisplayName == "GET /v1/me/code");
        Assert.Empty(spans.Now(quiet));
    }

    private async Task RecoverAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (
            !(await grid.CallAsync(HttpMethod.Get, "/readyz?verbose", null)).Text.Contains(
                "store: ready",
                StringComparison.Ordinal
            )
        )
            Assert.True(await pause.WaitForNextTickAsync(limit.Token), "the store answers again");
    }

    private Task<Answer> ScanAsync(string venueId, string code, string traceParent)
    {
        var scan = new
        {
            scanId = Guid.NewGuid().ToString(),
            venueId,
            token = code,
        };
        return grid.CallAsync(
            HttpMethod.Post,
            "/v1/scans",
            grid.Token(Role.Device, venueId),
            scan,
            ("traceparent", traceParent)
        );
    }

    private static Activity One(IEnumerable<Activity> spans, string name) =>
        Assert.Single(spans, span => span.DisplayName == name);

    /// <summary>
    /// A grid that samples no request at random and treats a sign-in as slow. It sends its traces to a port without a
    /// listener.
    /// </summary>
    public sealed class TracedGrid : GridHost
    {
        public TracedGrid()
        {
            Settings["Grid:Telemetry:Otlp"] = "http://127.0.0.1:9";
            Settings["Grid:Telemetry:TraceRatio"] = "0";
            Settings["Grid:Telemetry:SlowAfter"] = "00:00:00.400";
            Settings["Grid:Gateway:SignInAnswerAfter"] = "00:00:00.500";
            // Every scan reads its venue from the grain.
            Settings["Grid:Gateway:VenueAgeMax"] = "00:00:00";
            Settings["Grid:Store:WriteTimeout"] = "00:00:01";
            Settings["Grid:Store:Sqlite:BusyTimeout"] = "00:00:20";
        }
    }

    /// <summary>Write locks on all files of a store.</summary>
    private sealed class Held : IDisposable
    {
        private readonly List<SqliteDatabase> _files = [];

        internal Held(string data)
        {
            foreach (var path in Directory.GetFiles(Path.Combine(data, "store"), "*.db"))
            {
                var file = new SqliteDatabase(path, readOnly: false, Patience);
                _files.Add(file);
                file.Execute("BEGIN IMMEDIATE");
            }
            Assert.NotEmpty(_files);
        }

        public void Dispose()
        {
            foreach (var file in _files)
            {
                file.Execute("ROLLBACK");
                file.Dispose();
            }
        }
    }
}
