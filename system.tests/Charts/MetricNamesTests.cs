using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Grid.Gateway.Tokens;
using Grid.Hosting.Telemetry;
using Grid.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grid.Tests.Charts;

/// <summary>The programs export every metric that alerts, dashboards and autoscalers use.</summary>
public sealed class MetricNamesTests(GridHost grid) : IClassFixture<GridHost>
{
    // Added by Prometheus itself for every process that it scrapes.
    private const string Up = "up";

    // Only a member of a cluster exports it: see GateProcessTests.
    private const string GateOpen = "grid_cluster_gate_open";

    // Only a member of a cluster with TLS exports it.
    private const string CertificateExpiry = "grid_certificate_expiry_seconds";

    [Fact]
    public async Task Every_queried_metric_is_exported()
    {
        await UseAsync();
        var page = await grid.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var running = FamiliesOf(page);
        var exported = FamiliesOf(await TwinAsync());
        Assert.True(running.Count > 30, $"{running.Count} families");
        // The labels that rules use exist.
        foreach (
            var series in new[]
            {
                "grid_results_total\\{outcome=\"held\"\\} [1-9]",
                "grid_requests_total\\{outcome=\"ok\",path=\"display\"\\} [1-9]",
                "grid_ready\\{\\} 1",
            }
        )
            Assert.Matches($"(?m)^{series}", page);
        // The twin has every metric of the running host under the same name and kind, and those that appear only after
        // their first use.
        Assert.All(running.Where(static each => !IsOfRuntime(each.Key)), each =>
            Assert.Equal(each.Value, exported.GetValueOrDefault(each.Key))
        );
        foreach (var (name, kind) in running.Where(static each => IsOfRuntime(each.Key)))
            exported[name] = kind;
        var recorded = Rules().Select(each => each["record"].Text).OfType<string>().ToHashSet();
        var values = Manifests
            .Parse(await File.ReadAllTextAsync(Path.Combine(Helm.Chart, "values.yaml")))
            .Objects.Single();
        var asked = Rules()
            .Select(each => each["expr"].Text!)
            .Concat(DashboardTests.Expressions)
            .SelectMany(PromQuery.MetricsOf)
            .Append(values["silo"]["autoscaling"]["inFlight"]["metric"].Text!)
            .Append(values["gateway"]["autoscaling"]["inFlight"]["metric"].Text!)
            .Distinct()
            .Order()
            .ToArray();
        Assert.True(asked.Length > 30);

        bool IsHistogram(string family) => exported.GetValueOrDefault(family) == "histogram";
        Assert.DoesNotContain(asked, name =>
            name is not (Up or CertificateExpiry or GateOpen)
            && !recorded.Contains(name)
            && !exported.ContainsKey(PromQuery.FamilyOf(name, IsHistogram))
        );
        // Each Orleans metric costs a series for every silo: none is exported without a use.
        Assert.All(exported.Keys.Where(static name => name.StartsWith("orleans_", StringComparison.Ordinal)), each =>
            Assert.Contains(each, asked)
        );
    }

    [Fact]
    public void Every_recorded_metric_is_queried()
    {
        var asked = Rules()
            .Select(each => each["expr"].Text!)
            .Concat(DashboardTests.Expressions)
            .SelectMany(PromQuery.MetricsOf)
            .ToHashSet();
        Assert.All(Rules().Select(each => each["record"].Text).OfType<string>(), each => Assert.Contains(each, asked));
    }

    [Theory]
    [InlineData(
        "sum by (namespace, le) (rate(grid_a_bucket{le=\"0.2\", x=~\"grid_no|and\"}[5m]))"
            + " / on (namespace) group_left (pod) grid_b offset 5m",
        "grid_a_bucket grid_b"
    )]
    [InlineData(
        "namespace:grid_c:p99_5m{namespace=\"$namespace\"} > 3 * 86400 unless absent(up{tier=\"silo\"} == 1)",
        "namespace:grid_c:p99_5m up"
    )]
    [InlineData("histogram_quantile(0.99, grid_d_bucket) - time() < 21 * 86400 or 0 * grid_e", "grid_d_bucket grid_e")]
    public void The_names_in_an_expression_are_found(string expression, string names) =>
        Assert.Equal(names.Split(' '), PromQuery.MetricsOf(expression));

    private static bool IsOfRuntime(string family) => family.StartsWith("dotnet_", StringComparison.Ordinal);

    // Orleans' meter belongs to the process, so its metrics are on the twin's page too.
    private static Dictionary<string, string> FamiliesOf(string page) =>
        Regex
            .Matches(page, "(?m)^# TYPE ((?:grid|dotnet|orleans)_\\S+) (\\S+)$")
            .DistinctBy(each => each.Groups[1].Value)
            .ToDictionary(each => each.Groups[1].Value, each => each.Groups[2].Value);

    /// <summary>
    /// The page of a second host with every instrument of this process, each used once, behind the product's own
    /// exporter. A running host shows some metrics only after their first use, such as a timeout.
    /// </summary>
    private static async Task<string> TwinAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddGridTelemetry("twin");
        await using var twin = builder.Build();
        twin.MapGridMetrics();
        await twin.StartAsync();
        var meter = twin.Services.GetRequiredService<IMeterFactory>().Create("Grid.Twin");
        foreach (var instrument in Instruments())
            Use(meter, instrument);
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"{twin.Urls.Single()}/metrics"));
    }

    private static Instrument[] Instruments()
    {
        var found = new Dictionary<string, Instrument>();
        using var listener = new MeterListener
        {
            // Instruments created before the listener are published when it starts.
            InstrumentPublished = (instrument, _) =>
            {
                if (IsOfGrid(instrument.Meter.Name) || instrument.Meter.Name == "Microsoft.Orleans")
                    found.TryAdd(instrument.Name, instrument);
            },
        };
        listener.Start();
        return [.. found.Values];
    }

    private static bool IsOfGrid(string meter) =>
        meter.StartsWith("Grid.", StringComparison.Ordinal) && meter is not ("Grid.Twin" or "Grid.Test");

    private static void Use(Meter meter, Instrument like)
    {
        var kind = like.GetType().Name;
        switch (kind[..kind.IndexOf('`', StringComparison.Ordinal)])
        {
            case "Counter":
                meter.CreateCounter<double>(like.Name, like.Unit, like.Description).Add(1);
                break;
            case "UpDownCounter":
                meter.CreateUpDownCounter<double>(like.Name, like.Unit, like.Description).Add(1);
                break;
            case "Histogram":
                meter.CreateHistogram<double>(like.Name, like.Unit, like.Description).Record(1);
                break;
            case "ObservableCounter":
                meter.CreateObservableCounter(like.Name, static () => 1.0, like.Unit, like.Description);
                break;
            case "ObservableUpDownCounter":
                meter.CreateObservableUpDownCounter(like.Name, static () => 1.0, like.Unit, like.Description);
                break;
            case "Gauge" or "ObservableGauge":
                meter.CreateObservableGauge(like.Name, static () => 1.0, like.Unit, like.Description);
                break;
            default:
                throw new InvalidOperationException($"{like.Name} is a {kind}.");
        }
    }

    /// <summary>Uses the product, because some metrics appear only after their first use.</summary>
    private async Task UseAsync()
    {
        await grid.DisplayAsync(await grid.RegisterAsync());
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Get, "/readyz", null)).Status);
        // Before its tube, so that the result is held.
        var result = new
        {
            tubeId = $"t-{Guid.NewGuid():N}",
            sequence = 1,
            method = "rt-pcr",
            result = "negative",
            testedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1),
        };
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await grid.CallAsync(HttpMethod.Post, "/v1/results", grid.Token(Role.Lab, "lab-1"), result)).Status
        );
    }

    private static IEnumerable<Yaml> Rules() =>
        Directory
            .EnumerateFiles(Path.Combine(Helm.Chart, "rules"), "*.yaml")
            .SelectMany(path => Manifests.Parse(File.ReadAllText(path)).Objects.Single()["groups"].Items)
            .SelectMany(group => group["rules"].Items);
}
