using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Grid.Gateway.Tokens;
using Grid.Silo.Telemetry;
using Grid.Tests.Fixtures;
using Grid.Tests.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Grid.Tests.Charts;

/// <summary>What alerts, dashboards and autoscalers ask for is what the programs export.</summary>
public sealed class MetricNamesTests(GridHost grid) : IClassFixture<GridHost>
{
    // Made by Prometheus itself for every process that it reads.
    private const string Up = "up";

    [Fact]
    public async Task Every_metric_that_is_asked_for_is_exported()
    {
        await UseAsync();
        var exported = Exported();
        await AssertIsRight(exported);
        var recorded = Rules().Select(each => each["record"].Text).OfType<string>().ToHashSet();
        var values = Manifests.Parse(await File.ReadAllTextAsync(Path.Combine(Helm.Chart, "values.yaml"))).Objects.Single();
        var asked = Rules().Select(each => each["expr"].Text!)
            .Concat(DashboardTests.Expressions)
            .SelectMany(PromQuery.MetricsOf)
            .Append(values["silo"]["autoscaling"]["inFlight"]["metric"].Text!)
            .Append(values["gateway"]["autoscaling"]["inFlight"]["metric"].Text!)
            .Distinct().Order().ToArray();
        Assert.True(asked.Length > 30);

        bool IsHistogram(string family) => exported.TryGetValue(family, out var kind) && kind == "histogram";
        var unknown = asked.Where(name => name != Up && !IsOfFormerEngine(name) && !recorded.Contains(name) && !exported.ContainsKey(PromQuery.FamilyOf(name, IsHistogram)));
        Assert.Empty(unknown);
    }

    [Fact]
    public void Everything_that_is_recorded_is_asked_for()
    {
        var asked = Rules().Select(each => each["expr"].Text!).Concat(DashboardTests.Expressions).SelectMany(PromQuery.MetricsOf).ToHashSet();
        Assert.All(Rules().Select(each => each["record"].Text).OfType<string>(), each => Assert.Contains(each, asked));
    }

    [Theory]
    [InlineData("sum by (namespace, le) (rate(grid_a_bucket{le=\"0.2\", x=~\"grid_no|and\"}[5m])) / on (namespace) group_left (pod) grid_b offset 5m", "grid_a_bucket grid_b")]
    [InlineData("namespace:grid_c:p99_5m{namespace=\"$namespace\"} > 3 * 86400 unless absent(up{tier=\"silo\"} == 1)", "namespace:grid_c:p99_5m up")]
    [InlineData("histogram_quantile(0.99, grid_d_bucket) - time() < 21 * 86400 or 0 * grid_e", "grid_d_bucket grid_e")]
    public void The_names_in_an_expression_are_found(string expression, string names) =>
        Assert.Equal(names.Split(' '), PromQuery.MetricsOf(expression));

    // Metrics of the engine that is gone, until the rules and dashboards move to Orleans' own.
    private static bool IsOfFormerEngine(string metric) =>
        (metric.StartsWith("grid_engine_", StringComparison.Ordinal) && !metric.StartsWith("grid_engine_queue_wait_", StringComparison.Ordinal))
        || metric == "grid_certificate_expiry_seconds";

    /// <summary>The names under which this process would export what it can measure, and their kinds.</summary>
    private static ConcurrentDictionary<string, string> Exported()
    {
        var found = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        // Instruments that were made before the listener are told when it starts.
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (!instrument.Meter.Name.StartsWith("Grid.", StringComparison.Ordinal) && instrument.Meter.Name is not ("System.Runtime" or "Microsoft.Orleans"))
                return;
            var type = TypeOf(instrument);
            var family = PrometheusNames.Of(instrument.Name, instrument.Unit, type);
            if (PrometheusNames.IsCounter(instrument.Name, type))
                found[$"{family}_total"] = "counter";
            else
                found[family] = type == MetricType.Histogram ? "histogram" : "gauge";
        };
        listener.Start();
        return found;
    }

    /// <summary>The names were computed; the page itself must know no others, and have the same kinds.</summary>
    private async Task AssertIsRight(ConcurrentDictionary<string, string> exported)
    {
        var page = await grid.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var families = Regex.Matches(page, "(?m)^# TYPE ((?:grid|dotnet|orleans)_\\S+) (\\S+)$").ToDictionary(each => each.Groups[1].Value, each => each.Groups[2].Value);
        Assert.True(families.Count > 15);
        // What rules tell apart is told apart.
        foreach (var series in new[] { "grid_results_total{outcome=\"held\"} [1-9]", "grid_requests_total{outcome=\"ok\",path=\"display\"} [1-9]", "grid_ready 1" })
            Assert.Matches($"(?m)^{series.Replace("{", "\\{", StringComparison.Ordinal)}", page);
        Assert.All(families, each => Assert.Equal(each.Value, exported.GetValueOrDefault(each.Key)));
    }

    /// <summary>Some figures are there from their first use on.</summary>
    private async Task UseAsync()
    {
        await grid.DisplayAsync(await grid.RegisterAsync());
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Get, "/readyz", null)).Status);
        // Before its tube, so that it is held.
        var result = new { tubeId = $"t-{Guid.NewGuid():N}", sequence = 1, method = "rt-pcr", result = "negative", testedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1) };
        Assert.Equal(HttpStatusCode.Accepted, (await grid.CallAsync(HttpMethod.Post, "/v1/results", grid.Token(Role.Lab, "lab-1"), result)).Status);
    }

    private static MetricType TypeOf(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        return kind[..kind.IndexOf('`', StringComparison.Ordinal)] switch
        {
            "Counter" or "ObservableCounter" => MetricType.LongSum,
            "UpDownCounter" or "ObservableUpDownCounter" => MetricType.LongSumNonMonotonic,
            "Gauge" or "ObservableGauge" => MetricType.LongGauge,
            "Histogram" => MetricType.Histogram,
            _ => throw new InvalidOperationException($"{instrument.Name} is a {kind}."),
        };
    }

    private static IEnumerable<Yaml> Rules() => Directory.EnumerateFiles(Path.Combine(Helm.Chart, "rules"), "*.yaml")
        .SelectMany(path => Manifests.Parse(File.ReadAllText(path)).Objects.Single()["groups"].Items)
        .SelectMany(group => group["rules"].Items);
}
