using System.Globalization;
using System.Text;
using Grid.Bench.Load.Capacity.Reporting;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>A played scenario for a terminal, and as a page.</summary>
internal static class PlayText
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Of(PlayReport report)
    {
        var text = new StringBuilder();
        text.Append(Culture, $"\n{report.Scenario}, {report.Cluster} ({report.Mix}){(report.Slice is { } slice ? string.Create(Culture, $", each silo held to {slice:0.000} of a core") : "")}\n\n");
        foreach (var each in report.Events)
            text.Append(Culture, $"  {each.Second,5:0.0} s  {each.Text}\n");
        text.Append("\n| figure | target | measured | |\n|---|---|---|---|\n");
        foreach (var line in report.Targets)
            text.Append(Culture, $"| {line.What} | {line.Target} | {line.Figure} | {Mark(line)} |\n");
        return text.Append('\n').Append(ConsoleText.Of(report.History)).Append("\n\n").ToString();
    }

    public static string Html(PlayReport report)
    {
        var text = HtmlReport.Begin($"Capacity: {report.Scenario}");
        text.Append(Culture, $"<p>{report.At:yyyy-MM-dd HH:mm} UTC, {E(report.Machine.Processor)}, {report.Machine.Cores} cores, {E(report.Cluster)}. <code>{E(report.Command)}</code></p>");
        text.Append("<table><tr><th>figure</th><th>target</th><th>measured</th><th></th></tr>");
        foreach (var line in report.Targets)
            text.Append(Culture, $"<tr><td>{E(line.What)}</td><td>{E(line.Target)}</td><td>{E(line.Figure)}</td><td class=\"{(line.Met == false ? "bad" : "good")}\">{Mark(line)}</td></tr>");
        text.Append("</table><h2>Second by second</h2>");
        text.Append(SvgChart.Of("Requests a second", "seconds", "requests/s",
        [
            new ChartLine("offered", "#8a97a5", [.. report.Load.Intervals.Select(each => (each.Second, each.OfferedPerSecond))], Dashed: true),
            new ChartLine("done", "#1763c4", [.. report.Load.Intervals.Select(each => (each.Second, each.DonePerSecond))]),
            new ChartLine("failed", "#a3160c", [.. report.Load.Intervals.Select(each => (each.Second, (double)each.Failed))]),
        ]));
        text.Append(SvgChart.Of("p99 of the attempts let in", "seconds", "ms",
            [new ChartLine("p99", "#c2571a", [.. report.Load.Intervals.Select(each => (each.Second, each.AdmittedP99Ms))])]));
        text.Append("<ul>");
        foreach (var each in report.Events)
            text.Append(Culture, $"<li>{each.Second:0.0} s: {E(each.Text)}</li>");
        return text.Append(Culture, $"</ul><h2>Nothing lost?</h2><p class=\"{(report.History.IsIntact ? "good" : "bad")}\">{E(ConsoleText.Of(report.History))}</p></body></html>\n").ToString();
    }

    private static string Mark(TargetLine line) => line.Met switch
    {
        true => "met",
        false => "MISSED",
        null => "",
    };

    private static string E(string text) => SvgChart.Escape(text);
}
