using Grid.Silo.Cluster;
namespace Grid.Silo.Hosting;

/// <summary>Whether the cluster has a silo that hosts residents: a gateway without one can serve nobody.</summary>
internal sealed class GrainHosts(PartitionMap partitions) : IReadiness
{
    /// <inheritdoc/>
    public string? Missing => partitions.Hosts().Length == 0 ? "no silo hosts grains" : null;
}

/// <summary>Whether a client has a connection to a silo.</summary>
internal sealed class SiloConnections : IReadiness
{
    // A client that has started has one.
    private volatile int _count = 1;

    /// <summary>Silos that it is connected to.</summary>
    public int Count
    {
        set => _count = value;
    }

    /// <inheritdoc/>
    public string? Missing => _count == 0 ? "no silo answers" : null;
}
