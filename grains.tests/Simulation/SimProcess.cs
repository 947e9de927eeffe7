namespace Grid.Tests.Simulation;

/// <summary>
/// One life of a process: its scheduler and its clock. A crash ends it for ever, and nothing that it had queued happens. While
/// it is frozen nothing in it happens; when it thaws, all of that happens at once.
/// </summary>
internal sealed class SimProcess
{
    // Most items run within microseconds, in any order; some find all threads of the pool busy.
    private const double BusyChance = 0.01;

    private readonly List<SimEvent> _held = [];
    private readonly double _rate;
    private readonly long _origin;
    private long _frozenAt;
    private long _stoodStill;
    private long _wallOffset;

    internal SimProcess(SimWorld world, string name, int number, bool clockStopsWhenFrozen = false)
    {
        World = world;
        Name = name;
        Number = number;
        ClockStopsWhenFrozen = clockStopsWhenFrozen;
        // Crystals differ by up to a few hundred millionths.
        _rate = 1 + (world.Schedule.Fraction() - 0.5) * 4e-4;
        _origin = world.Schedule.Ticks(0, 1_000_000);
        Clock = new SimClock(this);
        Turns = new SimTurns(this);
    }

    internal SimWorld World { get; }

    internal string Name { get; }

    /// <summary>Its number among all processes of the world.</summary>
    internal int Number { get; }

    internal bool IsAlive { get; private set; } = true;

    internal bool IsFrozen { get; private set; }

    /// <summary>How long it was frozen in all.</summary>
    internal long Frozen { get; private set; }

    internal SimClock Clock { get; }

    /// <summary>Runs what belongs to no activation.</summary>
    internal SimTurns Turns { get; }

    /// <summary>Whether the way to the store's server is cut at the moment.</summary>
    internal Func<bool> IsCutOff { get; set; } = static () => false;

    /// <summary>Called when it crashes.</summary>
    internal event Action? Died;

    /// <summary>Whether its monotonic clock stands still while it is frozen, which no machine's does: see the planted bugs.</summary>
    internal bool ClockStopsWhenFrozen { get; }

    /// <summary>Its monotonic clock.</summary>
    internal long Local => _origin + (long)(World.Now * _rate) - _stoodStill;

    /// <summary>Its wall clock.</summary>
    internal long Wall => SimWorld.Epoch.UtcTicks + World.Now + _wallOffset;

    /// <summary>Begins something in it.</summary>
    internal void Start(Action action) => World.After(Jitter(), this, action);

    /// <summary>Ends it between two instructions.</summary>
    internal void Crash()
    {
        if (!IsAlive)
            return;
        IsAlive = false;
        _held.Clear();
        World.Log.Say($"{Name} crashed");
        Died?.Invoke();
    }

    internal void Freeze()
    {
        IsFrozen = true;
        _frozenAt = World.Now;
        World.Log.Say($"{Name} froze");
    }

    internal void Thaw()
    {
        if (!IsFrozen)
            return;
        IsFrozen = false;
        Frozen += World.Now - _frozenAt;
        if (ClockStopsWhenFrozen)
            _stoodStill += World.Now - _frozenAt;
        World.Log.Say($"{Name} goes on with {_held.Count} events");
        foreach (var held in _held)
            World.After(Jitter(), this, held.Action, held.State);
        _held.Clear();
    }

    internal void Hold(in SimEvent happening) => _held.Add(happening);

    /// <summary>Sets its wall clock, as somebody at the machine or its time service would.</summary>
    internal void JumpClock(long ticks)
    {
        _wallOffset += ticks;
        World.Log.Say($"the wall clock of {Name} jumps by {ticks / (double)TimeSpan.TicksPerMillisecond} ms");
    }

    /// <summary>How long the world needs until its monotonic clock shows a moment.</summary>
    internal long Until(long local) => local <= Local ? 0 : (long)((local - Local) / _rate) + 1;

    /// <summary>How long it takes until a thread is free.</summary>
    internal long Jitter() =>
        World.Schedule.Chance(BusyChance) ? World.Schedule.Ticks(0.1, 5) : World.Schedule.Below(100);
}
