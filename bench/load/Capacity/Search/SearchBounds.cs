using System.Globalization;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity.Search;

/// <summary>What a rate must keep to be one that the grid holds.</summary>
/// <param name="P99">Of all requests done, each from when it was meant to be sent.</param>
/// <param name="MaxErrorRate">Refused, wrong, timed out, broken and unsent ones, as a part of all that were due.</param>
/// <param name="MinAchieved">Requests done within the window, as a part of those that were due in it.</param>
internal sealed record SearchBounds(TimeSpan P99, double MaxErrorRate, double MinAchieved)
{
    /// <summary>200 ms is what the target for an overload allows; a client that makes 97 % of a rate is not kept up.</summary>
    public static readonly SearchBounds Default = new(TimeSpan.FromMilliseconds(200), 0.001, 0.97);

    /// <summary>Null when the load kept the bounds; else the first that it broke.</summary>
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
