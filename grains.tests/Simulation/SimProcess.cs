namespace Grid.Tests.Simulation;

/// <summary>
/// One life of a process: its scheduler and its clock. A crash ends it and drops its queued events. A frozen process
/// runs nothing; when it thaws, all delayed events run at once.
/// </summary>
internal sealed class SimProcess
{
    // Most items run within microseconds, in any order; some wait for a busy thread pool.
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
        // Clock rates differ by up to a few hundred parts per million.
        _rate = 1 + (world.Schedule.Fraction() - 0.5) * 4e-4;
        _origin = world.Schedule.Ticks(0, 1_000_000);
        Clock = new SimClock(this);
        Turns = new SimTurns(this);
    }

    internal SimWorld World { get; }

    internal string Name { get; }

    /// <summary>The number of the process in its world.</summary>
    internal int Number { get; }

    internal bool IsAlive { get; private set; } = true;

    internal bool IsFrozen { get; private set; }

    /// <summary>The total time it was frozen.</summary>
    internal long Frozen { get; private set; }

    internal SimClock Clock { get; }

    /// <summary>Runs work outside of activations.</summary>
    internal SimTurns Turns { get; }

    /// <summary>Whether it is cut from the store's server now.</summary>
    internal Func<bool> IsCutOff { get; set; } = static () => false;

    /// <summary>Called on a crash.</summary>
    internal event Action? Died;

    /// <summary>
    /// Whether the monotonic clock stops while the process is frozen: a planted bug, no real machine does it.
    /// </summary>
    internal bool ClockStopsWhenFrozen { get; }

    /// <summary>The monotonic clock.</summary>
    internal long Local => _origin + (long)(World.Now * _rate) - _stoodStill;

    /// <summary>The wall clock.</summary>
    internal long Wall => SimWorld.Epoch.UtcTicks + World.Now + _wallOffset;

    /// <summary>Starts an action in the process.</summary>
    internal void Start(Action action) => World.After(Jitter(), this, action);

    /// <summary>Kills the process between two instructions.</summary>
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

    /// <summary>Sets the wall clock, as an operator or a time service does.</summary>
    internal void JumpClock(long ticks)
    {
        _wallOffset += ticks;
        World.Log.Say($"the wall clock of {Name} jumps by {ticks / (double)TimeSpan.TicksPerMillisecond} ms");
    }

    /// <summary>World time until the monotonic clock shows a given time.</summary>
    internal long Until(long local) => local <= Local ? 0 : (long)((local - Local) / _rate) + 1;

    /// <summary>The delay until a thread is free.</summary>
    internal long Jitter() =>
        World.Schedule.Chance(BusyChance) ? World.Schedule.Ticks(0.1, 5) : World.Schedule.Below(100);
}
