using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Telemetry;

/// <summary>The content of <c>/metrics</c>.</summary>
public sealed class MetricsPageTests(UncachedGrid grid) : IClassFixture<UncachedGrid>
{
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0";

    [Fact]
    public async Task Every_metric_of_the_grid_is_described()
    {
        await grid.DisplayAsync(await grid.RegisterAsync());
        var text = await ScrapeAsync(null);

        var families = Regex.Matches(text, "(?m)^# HELP (grid_[a-z_]+) (.*)$");
        Assert.NotEmpty(families);
        Assert.All(families, family => Assert.EndsWith(".", family.Groups[2].Value, StringComparison.Ordinal));
        // The default bounds of a histogram are useless for seconds.
        Assert.DoesNotContain("le=\"7500\"", text, StringComparison.Ordinal);
        Assert.Matches("(?m)^target_info\\{.*service_name=\"grid-gateway\".*\\} 1$", text);
        // The version distinguishes old from new processes during an upgrade.
        Assert.Matches(@"(?m)^target_info\{.*service_version=""\d+\.\d+\.\d+(-dev)?"".*\} 1$", text);
        // The meter's name must not be a label of every series.
        Assert.DoesNotContain("otel_scope", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_chosen_metrics_of_orleans_and_kestrel_are_shown()
    {
        await grid.DisplayAsync(await grid.RegisterAsync());
        var shown = Regex
            .Matches(await ScrapeAsync(null), "(?m)^# TYPE ((?:orleans|kestrel|http)_[a-z_]+) ")
            .Select(static each => each.Groups[1].Value)
            .ToArray();

        Assert.Contains("orleans_catalog_activations", shown);
        Assert.Contains("kestrel_active_connections", shown);
        Assert.All(shown, static each =>
            Assert.Matches(
                "^(orleans_(app_requests_timedout|catalog|messaging)|kestrel_(active|rejected)_connections)",
                each
            )
        );
        Assert.DoesNotContain(shown, static each => Regex.IsMatch(each, "latency|size"));
    }

    [Fact]
    public async Task Requests_are_counted_by_path_and_outcome_without_probes()
    {
        var before = await FiguresAsync();
        var resident = await grid.RegisterAsync();
        await grid.DisplayAsync(resident);
        (await grid.CallAsync(HttpMethod.Get, "/v1/me/code", null)).Refused(401, "token-missing");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, "venue-1"), "{")).Refused(
            400,
            "json-invalid"
        );
        (await grid.CallAsync(HttpMethod.Get, "/v1/tubes/none", grid.Token(Role.Lab, "lab-1"))).Refused(
            404,
            "tube-unknown"
        );
        await grid.CallAsync(HttpMethod.Get, "/livez", null);
        var after = await FiguresAsync();

        double Risen(string series) => after.GetValueOrDefault(series) - before.GetValueOrDefault(series);
        Assert.Equal(1, Risen("""grid_requests_total{outcome="ok",path="display"}"""));
        Assert.Equal(1, Risen("""grid_requests_total{outcome="refused",path="display"}"""));
        Assert.Equal(1, Risen("""grid_requests_total{outcome="refused",path="scan"}"""));
        Assert.Equal(1, Risen("""grid_requests_total{outcome="refused",path="sampling"}"""));
        Assert.Equal(1, Risen("""grid_requests_total{outcome="ok",path="other"}"""));
        Assert.Equal(
            5,
            after
                .Where(each => each.Key.StartsWith("grid_requests_total", StringComparison.Ordinal))
                .Sum(each => each.Value - before.GetValueOrDefault(each.Key))
        );
        Assert.Equal(0, after["grid_requests_active{}"]);
        Assert.Equal(1, Risen("""grid_request_duration_seconds_count{path="sampling"}"""));
    }

    [Fact]
    public async Task OpenMetrics_is_written_for_a_scraper_that_prefers_it()
    {
        await grid.DisplayAsync(await grid.RegisterAsync());
        var text = await ScrapeAsync($"{OpenMetrics},text/plain;q=0.5");

        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("\n# TYPE grid_displays counter\n", text, StringComparison.Ordinal);
        Assert.Contains("\n# UNIT grid_request_duration_seconds seconds\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE target info\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "\n# TYPE grid_displays_total counter\n",
            await ScrapeAsync($"{OpenMetrics};q=0.1,text/plain"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_traced_request_is_an_exemplar_of_its_time()
    {
        using var spans = new SpanCatch();
        var trace = ActivityTraceId.CreateRandom();
        var answer = await grid.SendAsync(
            HttpMethod.Get,
            "/v1/me/code",
            null,
            null,
            ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01")
        );
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(trace.ToHexString(), answer.Problem.TraceId);
        await spans.OfAsync(trace, count: 1);

        var text = await ScrapeAsync(OpenMetrics);

        Assert.Matches(
            "grid_request_duration_seconds_bucket\\{path=\"display\",le=\"[^\"]+\"\\} [0-9]+ # "
                + $"\\{{trace_id=\"{trace}\",span_id=\"[0-9a-f]{{16}}\"\\}} [0-9.eE-]+ [0-9.]+\n",
            text
        );
    }

    private async Task<Dictionary<string, double>> FiguresAsync() =>
        (await ScrapeAsync(null))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => (At: line.LastIndexOf(' '), Line: line))
            .ToDictionary(
                each => each.Line[..each.At],
                each => double.Parse(each.Line[(each.At + 1)..], CultureInfo.InvariantCulture)
            );

    private async Task<string> ScrapeAsync(string? accept)
    {
        var answer = await grid.SendAsync(
            HttpMethod.Get,
            "/metrics",
            null,
            null,
            accept is null ? [] : [("Accept", accept)]
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Text;
    }
}
