using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Grid.Silo.Telemetry;

/// <summary>What <c>/metrics</c> says: the metrics of the SDK at the moment of asking.</summary>
public sealed class MetricsPage
{
    // A scrape waits for others to end; beyond this many it is refused, for anybody may ask.
    private const int ScrapesMax = 8;
    private const int CollectTimeoutMs = 5_000;
    private const string OpenMetricsMedia = "application/openmetrics-text";

    private readonly PullExporter _exporter = new();
    private readonly SemaphoreSlim _one = new(1, 1);
    private int _scrapes;

    internal MetricsPage() => Reader = new BaseExportingMetricReader(_exporter);

    /// <summary>To be added to the provider whose metrics are to be shown.</summary>
    internal MetricReader Reader { get; }

    /// <summary>Answers a scrape in the format that it asks for.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context)
    {
        var openMetrics = PrefersOpenMetrics(context.Request);
        if (Interlocked.Increment(ref _scrapes) > ScrapesMax)
        {
            Interlocked.Decrement(ref _scrapes);
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
        try
        {
            await _one.WaitAsync(context.RequestAborted);
            try
            {
                return Write(openMetrics) is { } text
                    ? TypedResults.Text(text, openMetrics ? PrometheusText.OpenMetricsType : PrometheusText.PlainType)
                    : TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
            }
            finally
            {
                _one.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _scrapes);
        }
    }

    /// <summary>The text of this moment; null when the metrics can't be had.</summary>
    internal string? Write(bool openMetrics)
    {
        _exporter.Text = new PrometheusText(openMetrics);
        return _exporter.Collect?.Invoke(CollectTimeoutMs) == true ? _exporter.Text.End() : null;
    }

    private static bool PrefersOpenMetrics(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        var best = accepted.MaxBy(static each => each.Quality ?? 1);
        return best is not null && best.MediaType.Equals(OpenMetricsMedia, StringComparison.OrdinalIgnoreCase);
    }

    [ExportModes(ExportModes.Pull)]
    private sealed class PullExporter : BaseExporter<Metric>, IPullMetricExporter
    {
        internal PrometheusText Text { get; set; } = new(openMetrics: false);

        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            var families = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
            foreach (var metric in batch)
            {
                // Two instruments of one name would be one family with two heads; the first has it.
                if (metric.MetricType != MetricType.ExponentialHistogram)
                    families.TryAdd(PrometheusNames.Of(metric.Name, metric.Unit, metric.MetricType), metric);
            }
            foreach (var (family, metric) in families)
                Text.Write(family, metric);
            if (ParentProvider is MeterProvider provider)
                Text.WriteInfo("target_info", "What the process is.", provider.GetResource().Attributes);
            return ExportResult.Success;
        }
    }
}
