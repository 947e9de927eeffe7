using Grid.Hosting.Health;
using Grid.Silo.Cluster;

namespace Grid.Silo.Health;

/// <summary>Reports whether a silo of the cluster hosts grains: without one a gateway can serve no request.</summary>
internal sealed class GrainHosts(PartitionMap partitions) : IReadiness
{
    /// <inheritdoc/>
    public string? Missing => partitions.Hosts().Length == 0 ? "no silo hosts grains" : null;
}
