using Grid.Engine.Hosting;
using Grid.Silo.Hosting;

namespace Grid.Silo.Cluster;

/// <summary>A silo is ready when it serves all that it owns, a gateway when everything has a living owner.</summary>
internal sealed class ClusterReadiness(IClusterStatus status) : IReadiness
{
    /// <inheritdoc/>
    public string? Missing => status.IsReady ? null
        : status.Address is null ? "a part of the grid has no living silo"
        : "the silo is not a member with all its partitions open";
}
