using System.Text;
using OpenTelemetry.Metrics;

namespace Grid.Silo.Telemetry;

/// <summary>OpenTelemetry's names as Prometheus has them: dots become underscores, the unit a suffix.</summary>
internal static class PrometheusNames
{
    private const string CountSuffix = "_count";

    // The runtime calls these counters, but they fall as well as rise.
    private static readonly string[] Misnamed = ["dotnet.thread_pool.queue.length", "dotnet.thread_pool.thread.count"];

    /// <summary>
    /// The name of a family: <c>grid.store.commit.duration</c> in <c>s</c> is <c>grid_store_commit_duration_seconds</c>. Counters
    /// are written with <c>_total</c> behind it.
    /// </summary>
    internal static string Of(string name, string? unit, MetricType type)
    {
        var family = Label(name);
        if (UnitOf(unit, type) is { } suffix && !family.EndsWith($"_{suffix}", StringComparison.Ordinal))
            family = $"{family}_{suffix}";
        // In Prometheus a name that ends in _count belongs to a histogram.
        return !IsCounter(name, type) && !type.IsHistogram() && family.EndsWith(CountSuffix, StringComparison.Ordinal)
            ? $"{family[..^CountSuffix.Length]}_current"
            : family;
    }

    /// <summary>Whether it only rises.</summary>
    internal static bool IsCounter(string name, MetricType type)
        => type is MetricType.LongSum or MetricType.DoubleSum && !Misnamed.Contains(name);

    /// <summary>The word that names the unit, null for units that names do not carry, such as <c>{call}</c>.</summary>
    internal static string? UnitOf(string? unit, MetricType type) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "1" when type.IsGauge() => "ratio",
        _ => null,
    };

    /// <summary>A name or a label with nothing in it but letters, digits and underscores.</summary>
    internal static string Label(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        return text.ToString();
    }
}
