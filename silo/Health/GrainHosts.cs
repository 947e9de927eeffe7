using Grid.Hosting.Health;
using Grid.Silo.Cluster;

namespace Grid.Silo.Health;

/// <summary>Whether the cluster has a silo that hosts residents: a gateway without one can serve nobody.</summary>
internal sealed class GrainHosts(PartitionMap partitions) : IReadiness
{
    /// <inheritdoc/>
    public string? Missing => partitions.Hosts().Length == 0 ? "no silo hosts grains" : null;
}
