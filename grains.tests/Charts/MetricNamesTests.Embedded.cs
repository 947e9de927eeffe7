using System.Diagnostics.Metrics;
using Grid.Engine.Cluster;
using Grid.Engine.Wire;

namespace Grid.Tests.Charts;

/// <summary>On the embedded engine.</summary>
public sealed partial class MetricNamesTests
{
    /// <summary>Orleans' own figures are looked for in a build for Orleans.</summary>
    private static bool IsOfOtherEngine(string metric) => metric.StartsWith("orleans_", StringComparison.Ordinal);

    /// <summary>What only a process of a cluster measures.</summary>
    private static ClusterMetrics MakeOfCluster(IMeterFactory meters)
    {
        _ = new WireMetrics(meters, TimeProvider.System, static () => [], static () => null);
        return new ClusterMetrics(meters, static () => null, static () => 0, static () => 0, static () => 0);
    }
}
