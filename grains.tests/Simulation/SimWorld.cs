namespace Grid.Tests.Simulation;

/// <summary>
/// The world of one seed: its time, its pending events and its broken rules. All events run on one thread, one at a
/// time; the seed alone decides their times and order.
/// </summary>
internal sealed class SimWorld
{
    private const int MaxFaults = 20;

    // A run of a few seconds has some ten thousand events. Far more mean an endless loop.
    private const long MaxEvents = 3_000_000;

    /// <summary>The start time of a world, by the wall clock of its machines.</summary>
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

    /// <summary>The root stream of random numbers.</summary>
    internal SimRandom Random { get; }

    /// <summary>Ticks since the start.</summary>
    internal long Now { get; private set; }

    internal long Events { get; private set; }

    /// <summary>The broken rules in order of detection.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    /// <summary>Raised once when the first rule is broken; the run ends then.</summary>
    internal bool HasFailed => _faults.Count > 0 || Volatile.Read(ref _escape) is not null;

    /// <summary>Whether faults are active now.</summary>
    internal bool IsStormy { get; set; }

    /// <summary>The end of the storm; far in the future until it ends.</summary>
    internal long CalmSince { get; set; } = long.MaxValue;

    /// <summary>The jitter of the next event.</summary>
    internal SimRandom Schedule { get; }

    internal static long Ms(double milliseconds) => (long)(milliseconds * TimeSpan.TicksPerMillisecond);

    /// <summary>Records a broken rule.</summary>
    internal void Fail(string rule)
    {
        Log.Say($"FAULT {rule}");
        if (_faults.Count < MaxFaults)
            _faults.Add($"at {Now / (double)TimeSpan.TicksPerMillisecond:F3} ms: {rule}");
    }

    /// <summary>Schedules an event.</summary>
    /// <param name="after">Ticks from now.</param>
    /// <param name="process">The process of the event; null outside of all processes.</param>
    /// <param name="action">An <see cref="IThreadPoolWorkItem"/>, or a delegate that takes the state.</param>
    /// <param name="state">The state.</param>
    internal void After(long after, SimProcess? process, object action, object? state)
    {
        if (!IsHere())
            return;
        var due = Now + Math.Max(0, after);
        _events.Enqueue(new SimEvent(due, process, action, state), new Moment(due, _order++));
    }

    /// <summary>
    /// Whether this is the thread of the world. If not, code escaped to the thread pool, a real timer or a continuation
    /// without a scheduler: the run fails and shows the stack.
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

    /// <summary>Runs events until none is left, a rule is broken or the condition holds.</summary>
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
        catch (Exception exception)
        {
            Fail($"{process?.Name ?? "the outside"} died of an exception that nobody caught: {exception}");
        }
    }

    private readonly record struct Moment(long Due, ulong Number)
    {
        internal static readonly IComparer<Moment> Order = Comparer<Moment>.Create(
            static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Number.CompareTo(b.Number)
        );
    }
}

/// <summary>A scheduled event.</summary>
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
