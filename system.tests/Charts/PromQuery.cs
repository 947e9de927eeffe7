using System.Text.RegularExpressions;

namespace Grid.Tests.Charts;

/// <summary>Parses enough of PromQL to find the metrics of an expression; promtool checks the rest.</summary>
internal static partial class PromQuery
{
    private static readonly HashSet<string> Words =
    [
        "and",
        "or",
        "unless",
        "bool",
        "offset",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
    ];

    /// <summary>Replaces Grafana's variables with text that promtool can read.</summary>
    internal static string WithoutVariables(string expression) =>
        expression
            .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
            .Replace("$namespace", "grid", StringComparison.Ordinal);

    /// <summary>The names of metrics, including recorded ones.</summary>
    internal static IEnumerable<string> MetricsOf(string expression)
    {
        var bare = Text().Replace(WithoutVariables(expression), "\"\"");
        bare = Matchers().Replace(bare, " ");
        bare = Ranges().Replace(bare, " ");
        bare = Groupings().Replace(bare, " ");
        return Names().Matches(bare).Select(each => each.Value).Where(name => !Words.Contains(name)).Distinct();
    }

    /// <summary>The histogram that a part belongs to; other names unchanged.</summary>
    internal static string FamilyOf(string metric, Func<string, bool> isHistogram)
    {
        foreach (var part in new[] { "_bucket", "_sum", "_count" })
        {
            if (metric.EndsWith(part, StringComparison.Ordinal) && isHistogram(metric[..^part.Length]))
                return metric[..^part.Length];
        }

        return metric;
    }

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\[[^\]]*\]|\b\d+(\.\d+)?(ms|s|m|h|d|w|y)?\b")]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"(?<![A-Za-z0-9_:])[A-Za-z_:][A-Za-z0-9_:]*(?![A-Za-z0-9_:]|\s*\()")]
    private static partial Regex Names();
}
