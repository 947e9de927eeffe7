using Grid.Silo.Cluster;

namespace Grid.Tests.Simulation;

/// <summary>What the members of one cluster share: the network, the table, the directory, the rule of placement.</summary>
internal sealed class SimCluster
{
    internal SimCluster(SimWorld world, SimWeather weather, SimSetup setup)
    {
        Setup = setup;
        Wire = new SimWire(world, weather);
        Rows = new SimRows(world);
        Directory = new SimDirectory(world, Rows, Wire, setup.Hold, setup.Duplicates);
    }

    internal SimSetup Setup { get; }

    internal SimWire Wire { get; }

    internal SimRows Rows { get; }

    internal SimDirectory Directory { get; }

    /// <summary>The real one: it has no state but a cache.</summary>
    internal PartitionDraw Placement { get; } = new();
}
