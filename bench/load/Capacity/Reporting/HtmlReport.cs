using System.Globalization;
using System.Text;
using Grid.Bench.Load.Capacity.Cluster;

namespace Grid.Bench.Load.Capacity.Reporting;

/// <summary>The report as one HTML file that needs nothing else: no script, no style and no picture from elsewhere.</summary>
internal static class HtmlReport
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public const string Style =
        """
        body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733;background:#fff}
        table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}
        th,td{padding:.3rem .6rem;border-bottom:1px solid #d7dee6;text-align:right;white-space:nowrap}
        th:first-child,td:first-child{text-align:left}
        svg{width:100%;max-width:44rem;height:auto}
        svg .grid{stroke:#d7dee6}svg .tick{font-size:11px;fill:#4b5b6b}svg .name{font-size:12px;fill:#1c2733}
        .good{color:#0a6b3d}.bad{color:#a3160c;font-weight:600}code{background:#eef2f6;padding:.1rem .3rem}
        @media (prefers-color-scheme:dark){body{background:#12181f;color:#e3e9ef}th,td{border-color:#2c3947}
        svg .grid{stroke:#2c3947}svg .tick{fill:#a9b7c6}svg .name{fill:#e3e9ef}code{background:#1e2833}.good{color:#5fd39a}.bad{color:#ff8a80}}
        """;

    public static string Of(CapacityReport report)
    {
        var text = Begin($"Capacity: {report.Scenario}");
        text.Append(Culture, $"<p>{report.At:yyyy-MM-dd HH:mm} UTC, {E(report.Machine.Processor)}, {report.Machine.Cores} cores. <code>{E(report.Command)}</code></p>");
        text.Append(Culture, $"<p>{report.Residents:N0} residents; {E(report.Mix)}; p99 &le; {report.Bounds.P99.TotalMilliseconds:0} ms and errors &le; {report.Bounds.ErrorRateMax:0.####}. {E(ConsoleText.SliceLine(report))}</p>");
        text.Append("<h2>Throughput by silos</h2>").Append(Throughput(report)).Append(Table(report));
        text.Append("<h2>Latency at that rate</h2>").Append(Latency(report));
        text.Append("<h2>Who used the machine</h2>").Append(Shares(report));
        if (report.Predictions.Count > 0)
            text.Append("<h2>Predicted and measured</h2>").Append(Predictions(report));
        if (report is { Size: not null, Model: not null })
            text.Append(Culture, $"<h2>Size of a city</h2><p>{E(ConsoleText.SizeSentence(report))}</p>");
        text.Append(Culture, $"<h2>Nothing lost?</h2><p class=\"{(report.History.IsIntact ? "good" : "bad")}\">{E(ConsoleText.Of(report.History))}</p>");
        return text.Append("</body></html>\n").ToString();
    }

    public static StringBuilder Begin(string title) => new StringBuilder()
        .Append(Culture, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{E(title)}</title><style>{Style}</style></head><body><h1>{E(title)}</h1>");

    private static string Throughput(CapacityReport report)
    {
        var points = report.Points.Where(point => point.Silos > 0).OrderBy(point => point.Silos).ToArray();
        if (report.Base is not { } one || points.Length == 0)
            return "";
        var most = points[^1].Silos;
        return SvgChart.Of("Requests a second by silos", "silos", "requests/s",
        [
            new ChartLine("measured", "#1763c4", [.. points.Select(point => ((double)point.Silos, point.Rate))]),
            new ChartLine("ideal", "#8a97a5", [(0, 0), (most, one.Rate / one.Silos * most)], Dashed: true),
        ]);
    }

    private static string Latency(CapacityReport report)
    {
        var points = report.Points.OrderBy(point => point.Silos).ToArray();
        return SvgChart.Of("Latency by silos", "silos", "ms",
        [
            new ChartLine("p50", "#1763c4", [.. points.Select(point => ((double)point.Silos, point.Trial.Load.LatencyMs.P50))]),
            new ChartLine("p99", "#c2571a", [.. points.Select(point => ((double)point.Silos, point.Trial.Load.LatencyMs.P99))]),
        ]);
    }

    private static string Table(CapacityReport report)
    {
        var text = new StringBuilder("<table><tr><th>cluster</th><th>requests/s</th><th>rounds</th><th>&times;</th><th>efficiency</th><th>p50 ms</th><th>p99 ms</th><th>stopped by</th></tr>");
        foreach (var point in report.Points)
        {
            text.Append(Culture, $"<tr><td>{E(point.Name)}</td><td>{(point.IsBounded ? "" : "&ge; ")}{point.Rate:N0}</td><td>{string.Join(", ", point.Rates.Select(rate => rate.ToString("N0", Culture)))}</td>");
            text.Append(Culture, $"<td>{report.Speedup(point):0.00}</td><td>{report.Efficiency(point):0%}</td><td>{point.Trial.Load.LatencyMs.P50:0.0}</td><td>{point.Trial.Load.LatencyMs.P99:0.0}</td><td>{E(point.Bottleneck)}</td></tr>");
        }
        return text.Append("</table>").ToString();
    }

    private static string Shares(CapacityReport report)
    {
        var text = new StringBuilder("<table><tr><th>cluster</th><th>silos</th><th>gateway</th><th>client</th><th>others</th><th>of cores</th><th>silo &micro;s/request</th><th>gateway &micro;s/request</th><th>rows/s</th><th>rows/commit</th></tr>");
        foreach (var point in report.Points)
        {
            var usage = point.Trial.Usage;
            text.Append(Culture, $"<tr><td>{E(point.Name)}</td><td>{usage.Of(MemberRole.Silo):0.00}</td><td>{usage.Of(MemberRole.Gateway):0.00}</td><td>{usage.ClientCores:0.00}</td><td>{usage.OtherCores:0.00}</td><td>{usage.MachineCores}</td>");
            text.Append(Culture, $"<td>{point.Trial.MicrosecondsOf(MemberRole.Silo):0.0}</td><td>{point.Trial.MicrosecondsOf(MemberRole.Gateway):0.0}</td><td>{usage.Store?.RowsPerSecond:N0}</td><td>{usage.Store?.RowsPerCommit:0.0}</td></tr>");
        }
        return text.Append("</table>").ToString();
    }

    private static string Predictions(CapacityReport report)
    {
        var text = new StringBuilder("<table><tr><th>silos</th><th>from</th><th>predicted</th><th>measured</th><th>error</th></tr>");
        foreach (var prediction in report.Predictions)
            text.Append(Culture, $"<tr><td>{prediction.Silos}</td><td>{string.Join(", ", prediction.From)}</td><td>{prediction.Predicted:N0}</td><td>{prediction.MeasuredRate:N0}</td><td>{prediction.Error:+0%;-0%;0%}</td></tr>");
        return text.Append("</table>").ToString();
    }

    private static string E(string text) => SvgChart.Escape(text);
}
