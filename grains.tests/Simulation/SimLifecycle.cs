using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Orleans.Timers;

namespace Grid.Tests.Simulation;

/// <summary>The lifecycle that grains and their facets subscribe to.</summary>
internal sealed class SimLifecycle : IGrainLifecycle
{
    private readonly List<(int Stage, ILifecycleObserver Observer)> _observers = [];

    internal List<IGrainMigrationParticipant> Participants { get; } = [];

    public void AddMigrationParticipant(IGrainMigrationParticipant participant) => Participants.Add(participant);

    public void RemoveMigrationParticipant(IGrainMigrationParticipant participant) => Participants.Remove(participant);

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        _observers.Add((stage, observer));
        return new Nothing();
    }

    internal async Task OnStart(CancellationToken cancellation)
    {
        foreach (var (_, observer) in _observers.OrderBy(static each => each.Stage).ToArray())
            await observer.OnStart(cancellation);
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose() { }
    }
}

/// <summary>The values that a migrating activation takes along.</summary>
/// <param name="from">The former activation.</param>
internal sealed class SimDehydrated(GrainAddress from) : IDehydrationContext, IRehydrationContext
{
    private readonly Dictionary<string, object?> _values = [];

    internal GrainAddress From { get; } = from;

    public IEnumerable<string> Keys => _values.Keys;

    public void AddBytes(string key, ReadOnlySpan<byte> value) => _values.Add(key, value.ToArray());

    public void AddBytes<T>(string key, Action<T, IBufferWriter<byte>> valueWriter, T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        valueWriter(value, buffer);
        _values.Add(key, buffer.WrittenSpan.ToArray());
    }

    public bool TryAddValue<T>(string key, T? value) => _values.TryAdd(key, value);

    public bool TryGetBytes(string key, out ReadOnlySequence<byte> value)
    {
        var found = _values.GetValueOrDefault(key) as byte[];
        value = found is null ? default : new ReadOnlySequence<byte>(found);
        return found is not null;
    }

    public bool TryGetValue<T>(string key, [NotNullWhen(true)] out T? value)
    {
        var has = _values.TryGetValue(key, out var found) && found is T;
        value = has ? (T)found! : default;
        return value is not null;
    }
}

/// <summary>A grain timer. It schedules the next tick when the current one ends.</summary>
internal sealed class SimTimer : IGrainTimer
{
    private readonly ITimer _timer;
    private TimeSpan _period;
    private bool _isDisposed;

    internal SimTimer(
        TimeProvider clock,
        Func<CancellationToken, Task> callback,
        bool interleaves,
        Action<SimTimer> ring
    )
    {
        if (interleaves)
            throw new NotSupportedException("No timer of the grid interleaves.");
        Callback = callback;
        _timer = clock.CreateTimer(_ => ring(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal Func<CancellationToken, Task> Callback { get; }

    internal bool IsDue
    {
        get;
        set => field = value && !_isDisposed;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    internal void Next()
    {
        if (!_isDisposed)
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _isDisposed = true;
        IsDue = false;
        _timer.Dispose();
    }
}

/// <summary>The grain runtime.</summary>
internal sealed class SimRuntime(SimMember member) : IGrainRuntime, ITimerRegistry
{
    public IGrainFactory GrainFactory => member.Calls.Grains;

    public IServiceProvider ServiceProvider => member.Services;

    public SiloAddress SiloAddress => member.Address;

    public string SiloIdentity => member.Address.ToString();

    public TimeProvider TimeProvider => member.Process.Clock;

    public ITimerRegistry TimerRegistry => this;

    public void DeactivateOnIdle(IGrainContext grainContext) =>
        grainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, ""));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) =>
        throw new NotSupportedException("No grain of the grid delays its deactivation.");

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext) =>
        throw new NotSupportedException("The grains of the grid name their storage.");

    [Obsolete("Orleans' own contract has it.")]
    public IDisposable RegisterTimer(
        IGrainContext grainContext,
        Func<object?, Task> callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    ) => throw new NotSupportedException("No grain of the grid makes such timers.");

    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext,
        Func<TState, CancellationToken, Task> callback,
        TState state,
        GrainTimerCreationOptions options
    ) => ((SimActivation)grainContext).AddTimer(cancellation => callback(state, cancellation), options);
}
