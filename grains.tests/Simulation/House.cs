namespace Grid.Tests.Simulation;

/// <summary>What runs the grid in a simulated world: it starts processes, loses them, and starts them again.</summary>
internal abstract class House
{
    private int _processes;

    protected House(SimWorld world, SimWeather weather, SimSetup setup)
    {
        World = world;
        Weather = weather;
        Setup = setup;
    }

    /// <summary>Where callers knock.</summary>
    internal abstract IReadOnlyList<Entrance> Entrances { get; }

    /// <summary>The disk that all processes share.</summary>
    internal abstract SimDisk Disk { get; }

    internal SimWorld World { get; }

    internal SimWeather Weather { get; }

    internal SimSetup Setup { get; }

    /// <summary>Starts everything for the first time.</summary>
    internal abstract void Begin();

    /// <summary>One fault of a kind, somewhere.</summary>
    internal abstract void Strike(Trouble trouble, SimRandom random);

    /// <summary>Ends all faults that last, and starts what is down.</summary>
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

/// <summary>Kinds of faults that strike at a moment; those that come with every message or commit are the weather's.</summary>
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
