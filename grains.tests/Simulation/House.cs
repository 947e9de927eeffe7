namespace Grid.Tests.Simulation;

/// <summary>Operates the grid in a simulated world: starts, crashes and restarts its processes.</summary>
internal abstract class House
{
    private int _processes;

    protected House(SimWorld world, SimWeather weather, SimSetup setup)
    {
        World = world;
        Weather = weather;
        Setup = setup;
    }

    /// <summary>The addresses that callers use.</summary>
    internal abstract IReadOnlyList<Entrance> Entrances { get; }

    /// <summary>The disk shared by all processes.</summary>
    internal abstract SimDisk Disk { get; }

    internal SimWorld World { get; }

    internal SimWeather Weather { get; }

    internal SimSetup Setup { get; }

    /// <summary>Starts all processes.</summary>
    internal abstract void Begin();

    /// <summary>Injects one fault of a kind.</summary>
    internal abstract void Strike(Trouble trouble, SimRandom random);

    /// <summary>Ends all lasting faults and restarts all dead processes.</summary>
    internal abstract void Heal();

    protected SimProcess NewProcess(string name) => new(World, name, ++_processes, Setup.ClockStopsWhenFrozen);

    protected void FreezeFor(SimProcess process, long ticks)
    {
        if (!process.IsAlive || process.IsFrozen)
            return;
        process.Freeze();
        World.After(ticks, null, process.Thaw);
    }
}

/// <summary>Faults at a point in time. <see cref="SimWeather"/> has the faults of messages and commits.</summary>
internal enum Trouble
{
    Crash,
    Freeze,
    Stop,
    DiskStall,
    ClockJump,
    Cut,
    Join,
    Outage,
    Isolate,
    Kill,
}
