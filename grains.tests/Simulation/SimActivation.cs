using Grid.Silo.Cluster;
using Orleans.Serialization.Invocation;

namespace Grid.Tests.Simulation;

/// <summary>
/// One activation of a grain on one silo, with the semantics of Orleans: one turn at a time, calls in order unless they
/// interleave, state read before the first call. On deactivation it forwards waiting calls to its successor.
/// </summary>
internal sealed class SimActivation : IGrainContext
{
    private readonly SimMember _member;
    private readonly SimTurns _turns;
    private readonly SimLifecycle _lifecycle = new();
    private readonly SimGrainClass _class;
    private readonly List<SimMessage> _waiting = [];
    private readonly List<SimTimer> _timers = [];
    private readonly Dictionary<Type, object> _components = [];
    private readonly TaskCompletionSource _deactivated = new();
    private readonly SimDehydrated? _dehydrated;
    private SimMessage? _blocking;
    private int _running;
    private bool _isTicking;
    private DeactivationReason? _ending;
    private SiloAddress? _migratesTo;

    internal SimActivation(SimMember member, GrainId grain, SimDehydrated? dehydrated = null)
    {
        (_member, GrainId, _dehydrated) = (member, grain, dehydrated);
        _turns = new SimTurns(member.Process, this);
        _class = SimTypes.ClassOf(grain.Type);
        ActivationId = new ActivationId(member.Cluster.Wire.Random.Guid());
        CalledAt = member.Process.Local;
    }

    /// <summary>The activation of the current turn; null outside of turns.</summary>
    internal static SimActivation? Current => SimTurns.Context as SimActivation;

    /// <summary>Whether calls may run: it is registered and its state is loaded.</summary>
    internal bool IsValid { get; private set; }

    internal bool IsEnding => _ending is not null;

    /// <summary>The time of the last call, by the clock of its process.</summary>
    internal long CalledAt { get; private set; }

    public ActivationId ActivationId { get; }

    public IServiceProvider ActivationServices => _member.Services;

    public GrainAddress Address =>
        new()
        {
            GrainId = GrainId,
            ActivationId = ActivationId,
            SiloAddress = _member.Address,
        };

    public Task Deactivated => _deactivated.Task;

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public GrainReference GrainReference =>
        throw new NotSupportedException("No grain of the grid passes a reference to itself.");

    public IGrainLifecycle ObservableLifecycle => _lifecycle;

    public IWorkItemScheduler Scheduler => throw new NotSupportedException("No grain of the grid queues work items.");

    private SimProcess Process => _member.Process;

    /// <summary>Queues a call.</summary>
    internal void Receive(SimMessage message)
    {
        CalledAt = Process.Local;
        _waiting.Add(message);
        _turns.Post(Pump);
    }

    /// <summary>Activates: registers, creates the grain, reads its state.</summary>
    internal void Begin() => _turns.Post(ActivateAsync);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (_ending is not null)
            return;
        _ending = deactivationReason;
        _turns.Post(Pump);
    }

    /// <summary>Migrates to the owner of its partition once no call runs.</summary>
    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default)
    {
        if (_ending is not null)
            return;
        if (
            IsValid
            && _member.Map.Current.OwnerOf(GrainPartition.Of(GrainId)) is { } owner
            && !owner.Equals(_member.Address)
        )
            _migratesTo = owner;
        Deactivate(new DeactivationReason(DeactivationReasonCode.Migrating, "Its partition goes to another silo."));
    }

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public void ReceiveMessage(object message) => throw new NotSupportedException();

    public void Rehydrate(IRehydrationContext context) => throw new NotSupportedException();

    public object? GetComponent(Type componentType) => _components.GetValueOrDefault(componentType);

    public object? GetTarget() => GrainInstance;

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class => _components[typeof(TComponent)] = value!;

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    /// <summary>Adds a timer of the grain.</summary>
    internal SimTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new SimTimer(Process.Clock, callback, options.Interleave, timer => _turns.Post(() =>
            {
                timer.IsDue = true;
                Pump();
            }));
        _timers.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    private async Task ActivateAsync()
    {
        try
        {
            if (!_class.IsStatelessWorker && !await Register())
                return;
            GrainInstance = _class.Make(this);
            if (_dehydrated is not null)
                Rehydrate(_dehydrated);
            await _lifecycle.OnStart(CancellationToken.None);
            await ((Grain)GrainInstance).OnActivateAsync(CancellationToken.None);
            IsValid = true;
            Pump();
        }
        catch (Exception exception)
        {
            _ending ??= new DeactivationReason(DeactivationReasonCode.ActivationFailed, exception, "");
            foreach (var message in _waiting)
                _member.Reply(message, Response.FromException(exception));
            _waiting.Clear();
            await End(wasValid: false);
        }
    }

    // Registers with the owner of the partition. If another silo owns it, drops this activation.
    private async Task<bool> Register()
    {
        var answer = await _member.Ownership!.RegisterAsync(Address, _dehydrated?.From, CancellationToken.None);
        var (setup, wire) = (_member.Cluster.Setup, _member.Cluster.Wire);
        if (_member.Address.Equals(answer?.SiloAddress))
            return true;
        if (Process.World.IsStormy && wire.Random.Chance(setup.Duplicates))
        {
            Process.World.Log.Say($"a second activation of {GrainId} on {_member.Process.Name}");
            wire.AfterWhile(50, 500, () =>
                Deactivate(new DeactivationReason(DeactivationReasonCode.DuplicateActivation, ""))
            );
            return true;
        }

        _ending = new DeactivationReason(DeactivationReasonCode.DuplicateActivation, "");
        _member.Remove(this);
        _deactivated.TrySetResult();
        Forward(answer?.SiloAddress);
        return false;
    }

    // Starts all runnable work in order of arrival.
    private void Pump()
    {
        if (_ending is not null && _running == 0 && IsValid)
        {
            IsValid = false;
            _turns.Post(() => End(wasValid: true));
        }

        if (!IsValid || _ending is not null)
            return;
        if (_blocking is null && !_isTicking && _timers.Find(static timer => timer.IsDue) is { } due)
            Tick(due);
        // A call that must wait does not block runnable calls behind it.
        while (!IsEnding && _waiting.Find(MayRun) is { } message)
        {
            _waiting.Remove(message);
            _ = RunAsync(message);
        }
    }

    private bool MayRun(SimMessage message) =>
        message.IsAlwaysInterleave
        || (!_isTicking && (_blocking is null || (_blocking.IsReadOnly && message.IsReadOnly)));

    private async Task RunAsync(SimMessage message)
    {
        _running++;
        if (!message.IsAlwaysInterleave)
            _blocking ??= message;
        Response response;
        try
        {
            message.Request.SetTarget(this);
            var context = new SimIncomingCall(this, _member.Filters, message);
            await context.Invoke();
            response = context.Response!;
        }
        catch (Exception exception)
        {
            response = Response.FromException(exception);
        }

        _member.Reply(message, response);
        _running--;
        if (ReferenceEquals(_blocking, message))
            _blocking = null;
        Pump();
    }

    private async void Tick(SimTimer timer)
    {
        timer.IsDue = false;
        _isTicking = true;
        _running++;
        try
        {
            await timer.Callback(CancellationToken.None);
        }
        catch (Exception)
        {
            // Orleans logs the exception and keeps the timer.
        }

        _running--;
        _isTicking = false;
        timer.Next();
        Pump();
    }

    private async Task End(bool wasValid)
    {
        _timers.ForEach(static timer => timer.Dispose());
        SimDehydrated? dehydrated = null;
        if (wasValid)
        {
            if (_migratesTo is not null)
                dehydrated = Dehydrate();
            try
            {
                await ((Grain)GrainInstance!).OnDeactivateAsync(_ending!.Value, CancellationToken.None);
            }
            catch (Exception)
            {
                // Orleans logs the exception and continues.
            }
        }

        if (dehydrated is not null && _migratesTo is { } silo)
            _member.Cluster.Wire.Send(_member, silo, target => target.Rehydrate(GrainId, dehydrated));
        if (!_class.IsStatelessWorker)
            _member.Ownership!.Unregister(GrainId);
        _member.Remove(this);
        _deactivated.TrySetResult();
        Forward(_migratesTo);
    }

    private void Forward(SiloAddress? to)
    {
        foreach (var message in _waiting)
            _member.Forward(message, to);
        _waiting.Clear();
    }

    private SimDehydrated Dehydrate()
    {
        var values = new SimDehydrated(Address);
        (GrainInstance as IGrainMigrationParticipant)?.OnDehydrate(values);
        _lifecycle.Participants.ForEach(participant => participant.OnDehydrate(values));
        return values;
    }

    private void Rehydrate(SimDehydrated values)
    {
        (GrainInstance as IGrainMigrationParticipant)?.OnRehydrate(values);
        _lifecycle.Participants.ForEach(participant => participant.OnRehydrate(values));
    }
}
