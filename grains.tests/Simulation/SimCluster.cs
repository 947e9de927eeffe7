namespace Grid.Tests.Simulation;

/// <summary>The network and the membership table of one cluster.</summary>
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
