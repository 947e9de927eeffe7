using System.Globalization;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity.Search;

/// <summary>The bounds that a load must keep for its rate to hold.</summary>
/// <param name="P99">Of all requests done, each from its intended send time.</param>
/// <param name="MaxErrorRate">Refused, wrong, timed out, broken and unsent requests, as a part of all due.</param>
/// <param name="MinAchieved">Requests done within the window, as a part of those due in it.</param>
internal sealed record SearchBounds(TimeSpan P99, double MaxErrorRate, double MinAchieved)
{
    /// <summary>
    /// 200 ms is the design's target for an overload; a server that achieves less than 97 % of the rate falls behind.
    /// </summary>
    public static readonly SearchBounds Default = new(TimeSpan.FromMilliseconds(200), 0.001, 0.97);

    /// <summary>Returns the first bound that the load broke; null when it kept all.</summary>
    public string? Broken(LoadReport load)
    {
        if (load.ErrorRate > MaxErrorRate)
            return string.Create(CultureInfo.InvariantCulture, $"errors {load.ErrorRate:0.####}");
        if (load.LatencyMs.P99 > P99.TotalMilliseconds)
            return string.Create(CultureInfo.InvariantCulture, $"p99 {load.LatencyMs.P99:0} ms");
        return load.AchievedPerSecond < MinAchieved * load.OfferedPerSecond
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"achieved {load.AchievedPerSecond / load.OfferedPerSecond:0.00}"
            )
            : null;
    }
}
