namespace Grid.Tests.Simulation;

/// <summary>What the members of one cluster share: the network and the table.</summary>
internal sealed class SimCluster
{
    internal SimCluster(SimWorld world, SimWeather weather, SimSetup setup)
    {
        Setup = setup;
        Wire = new SimWire(world, weather);
        Rows = new SimRows(world);
    }

    internal SimSetup Setup { get; }

    internal SimWire Wire { get; }

    internal SimRows Rows { get; }
}
