using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity.Search;

/// <summary>One rate, offered for one window.</summary>
/// <param name="Broken">The bound that it broke; null when it held.</param>
internal sealed record Trial(double Rate, LoadReport Load, Usage Usage, string? Broken, string Bottleneck)
{
    public bool Holds => Broken is null;

    /// <summary>CPU of a role for each request done, in microseconds.</summary>
    public double MicrosecondsOf(MemberRole role) => Usage.Of(role) * 1e6 / Math.Max(1, Load.AchievedPerSecond);

    public double ClientMicroseconds => Usage.ClientCores * 1e6 / Math.Max(1, Load.AchievedPerSecond);

    /// <summary>Rows written for each request done; 0 when the members do not report them.</summary>
    public double RowsPerRequest => (Usage.Store?.RowsPerSecond ?? 0) / Math.Max(1, Load.AchievedPerSecond);
}
