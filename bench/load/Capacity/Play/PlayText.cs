using System.Globalization;
using System.Text;
using Grid.Bench.Load.Capacity.Reporting;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>Formats a played scenario for a terminal.</summary>
internal static class PlayText
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Of(PlayReport report)
    {
        var limit = report.Slice is { } slice
            ? string.Create(Culture, $", each silo limited to {slice:0.000} of a core")
            : "";
        var text = new StringBuilder();
        text.Append(Culture, $"\n{report.Scenario}, {report.Cluster} ({report.Mix}){limit}\n\n");
        foreach (var each in report.Events)
            text.Append(Culture, $"  {each.Second, 5:0.0} s  {each.Text}\n");
        text.Append("\n| figure | target | measured | |\n|---|---|---|---|\n");
        foreach (var line in report.Targets)
            text.Append(Culture, $"| {line.What} | {line.Target} | {line.Figure} | {Mark(line)} |\n");
        return text.Append('\n').Append(ConsoleText.Of(report.History)).Append("\n\n").ToString();
    }

    private static string Mark(TargetLine line) =>
        line.Met switch
        {
            true => "met",
            false => "MISSED",
            null => "",
        };
}
