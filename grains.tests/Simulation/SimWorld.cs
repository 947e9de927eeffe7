namespace Grid.Tests.Simulation;

/// <summary>
/// The world of one seed: its time, what is yet to happen in it, and what was found wrong. Everything happens on one thread,
/// one event after the other; the seed alone decides when and in what order.
/// </summary>
internal sealed class SimWorld
{
    private const int MaxFaults = 20;

    // A run of a few seconds has some ten thousand events. With more, something calls itself without end.
    private const long MaxEvents = 3_000_000;

    /// <summary>The moment at which a world begins, by the wall clock of its machines.</summary>
    internal static readonly DateTimeOffset Epoch = new(2026, 1, 4, 1, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<SimEvent, Moment> _events = new(Moment.Order);
    private readonly List<string> _faults = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private string? _escape;
    private ulong _order;

    internal SimWorld(ulong seed, SimLog log)
    {
        Seed = seed;
        Log = log;
        Random = new SimRandom(seed);
        Schedule = Random.Fork(0);
        log.World = this;
    }

    internal ulong Seed { get; }

    internal SimLog Log { get; }

    /// <summary>The stream that others are forked from.</summary>
    internal SimRandom Random { get; }

    /// <summary>Ticks since the beginning.</summary>
    internal long Now { get; private set; }

    internal long Events { get; private set; }

    /// <summary>What broke a rule, in the order in which it was found.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    /// <summary>Raised once when the first fault is found; the run ends there.</summary>
    internal bool HasFailed => _faults.Count > 0 || Volatile.Read(ref _escape) is not null;

    /// <summary>Whether faults happen at the moment.</summary>
    internal bool IsStormy { get; set; }

    /// <summary>Since when no more faults happen; far ahead while they do.</summary>
    internal long CalmSince { get; set; } = long.MaxValue;

    /// <summary>Jitter of what runs next.</summary>
    internal SimRandom Schedule { get; }

    internal static long Ms(double milliseconds) => (long)(milliseconds * TimeSpan.TicksPerMillisecond);

    /// <summary>Notes that a rule was broken.</summary>
    internal void Fail(string fault)
    {
        Log.Say($"FAULT {fault}");
        if (_faults.Count < MaxFaults)
            _faults.Add($"at {Now / (double)TimeSpan.TicksPerMillisecond:F3} ms: {fault}");
    }

    /// <summary>Lets something happen.</summary>
    /// <param name="after">Ticks from now.</param>
    /// <param name="process">In which process; null for what happens outside of all.</param>
    /// <param name="action">An <see cref="IThreadPoolWorkItem"/>, or a delegate that takes a state.</param>
    /// <param name="state">The state.</param>
    internal void After(long after, SimProcess? process, object action, object? state)
    {
        if (!IsHere())
            return;
        var due = Now + Math.Max(0, after);
        _events.Enqueue(new SimEvent(due, process, action, state), new Moment(due, _order++));
    }

    /// <summary>
    /// Whether this is the thread of the world. If not, something has escaped: to the thread pool, to a real timer, or to a
    /// continuation without a scheduler. The run fails and shows the stack.
    /// </summary>
    internal bool IsHere()
    {
        if (Environment.CurrentManagedThreadId == _thread)
            return true;
        Interlocked.CompareExchange(ref _escape, Environment.StackTrace, null);
        return false;
    }

    /// <inheritdoc cref="After(long, SimProcess?, object, object?)"/>
    internal void After(long after, SimProcess? process, Action action) => After(after, process, RunItem, action);

    /// <summary>Goes on until nothing is left to happen, a rule is broken, or the condition holds.</summary>
    /// <returns>Whether the condition holds.</returns>
    internal bool Run(Func<bool> until, long limit)
    {
        while (!until())
        {
            if (HasFailed)
                break;
            if (!_events.TryPeek(out _, out var next) || next.Due > limit)
            {
                Now = Math.Max(Now, limit);
                return until();
            }

            Step();
        }

        if (Volatile.Read(ref _escape) is { } stack)
        {
            _escape = null;
            Fail($"Something ran on another thread than the simulator's:{Environment.NewLine}{stack}");
        }

        return !HasFailed && until();
    }

    private static readonly Action<object?> RunItem = static action => ((Action)action!)();

    private void Step()
    {
        var happening = _events.Dequeue();
        Now = happening.Due;
        if (++Events > MaxEvents)
        {
            Fail($"More than {MaxEvents} events: something goes round without end.");
            return;
        }

        var process = happening.Process;
        if (process is not null)
        {
            if (!process.IsAlive)
                return;
            if (process.IsFrozen)
            {
                process.Hold(happening);
                return;
            }
        }

        Log.Mark(process?.Number ?? 0, Now);
        try
        {
            happening.Run();
        }
        catch (Exception error)
        {
            Fail($"{process?.Name ?? "the outside"} died of an exception that nobody caught: {error}");
        }
    }

    private readonly record struct Moment(long Due, ulong Number)
    {
        internal static readonly IComparer<Moment> Order = Comparer<Moment>.Create(
            static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Number.CompareTo(b.Number)
        );
    }
}

/// <summary>Something that is to happen.</summary>
internal readonly struct SimEvent(long due, SimProcess? process, object action, object? state)
{
    internal long Due { get; } = due;

    internal SimProcess? Process { get; } = process;

    internal object Action { get; } = action;

    internal object? State { get; } = state;

    internal void Run()
    {
        switch (Action)
        {
            case IThreadPoolWorkItem item:
                item.Execute();
                break;
            case var action when Process is { } process:
                process.Turns.Run((Action<object?>)action, State);
                break;
            case var action:
                ((Action<object?>)action)(State);
                break;
        }
    }
}
