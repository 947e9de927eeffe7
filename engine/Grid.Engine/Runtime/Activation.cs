using System.Runtime.CompilerServices;

namespace Grid.Engine.Runtime;

/// <summary>
/// One activation of a grain: its turns, and the context on which its continuations run. Kept small, for a city of them is
/// in memory; what is needed only while something goes on is in <see cref="ActivationWork"/>.
/// </summary>
public partial class Activation : SynchronizationContext, IGrainContext, IThreadPoolWorkItem
{
    // Spins before a turn is queued for: as long as a short turn takes, and no longer than waking a thread would.
    private const int ContendedSpins = 12;

    internal readonly GrainHost Host;
    private readonly ulong _high;
    private readonly ulong _low;
    private object? _grain;
    private ActivationWork? _work;
    private volatile int _state;
    private int _lastUsed;

    private protected Activation(GrainHost host, in GrainKey key)
    {
        Host = host;
        _high = key.High;
        _low = key.Low;
        _state = TurnState.NotReady;
        _lastUsed = host.Engine.Clock.Now;
    }

    /// <inheritdoc/>
    public GrainId GrainId => new(Host.Type, new IdSpan(Key));

    /// <inheritdoc/>
    public object? GrainInstance => _grain;

    /// <inheritdoc/>
    public IServiceProvider ActivationServices => Host.Engine.Services;

    /// <inheritdoc/>
    public Task Deactivated
    {
        get
        {
            lock (Stripe)
            {
                return (_state & TurnState.Dead) != 0
                    ? Task.CompletedTask
                    : (Work.Gone ??= new()).Task;
            }
        }
    }

    internal IGrainFactory GrainFactory => Host.Engine;

    internal object Instance => _grain!;

    internal GrainKey Key => new(_high, _low, Text);

    internal int LastUsed => _lastUsed;

    internal bool IsFree => _state == 0;

    internal bool IsDead => (_state & TurnState.Dead) != 0;

    private protected virtual string? Text => null;

    private ActivationTable.Stripe Stripe => Host.Table.StripeOf(Key.Partition);

    // Under the stripe's lock.
    private ActivationWork Work => _work ??= ActivationWork.Rent();

    internal static Activation Create(GrainHost host, in GrainKey key) =>
        key.IsGuid ? new Activation(host, key) : new TextActivation(host, key);

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs a continuation of the grain's code on its activation.</summary>
    public override void Post(SendOrPostCallback d, object? state) => Add(new WorkItem(d, state, null));

    /// <summary>Not offered: waiting inside a grain would hold its thread.</summary>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("An activation runs its continuations one by one; nobody can wait for one on another thread.");

    internal void Post(Action<object?> action, object? state, ExecutionContext? flow) => Add(new WorkItem(action, state, flow));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasKey(in GrainKey key) => key.High == _high && key.Low == _low
        && (key.Text is null ? GetType() == typeof(Activation) : string.Equals(Text, key.Text, StringComparison.Ordinal));

    internal T Reference<T>() => Host.Engine.MakeReference<T>(Host, Key);

    /// <summary>Takes the turn for a call of this method, if nothing stands in the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTake(GrainMethod method, SynchronizationContext? caller)
    {
        var state = _state;
        if ((state & method.Blockers) == 0
            && Interlocked.CompareExchange(ref _state, state + method.EnterDelta, state) == state)
        {
            _lastUsed = Host.Engine.Clock.Now;
            return true;
        }

        return TryTakeContended(method, caller);
    }

    /// <summary>Gives the turn back, and with <paramref name="delta"/> the request if it has ended too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Give(int delta)
    {
        if ((Interlocked.Add(ref _state, -delta) & (TurnState.HasWork | TurnState.Executing)) == TurnState.HasWork)
        {
            Wake();
        }
    }

    /// <summary>The request of a turn that was taken directly goes on beyond its first await.</summary>
    internal void Continue(PendingCall call)
    {
        call.Target = this;
        call.IsStarted = true;
        lock (Stripe)
        {
            Work.AddInFlight(call);
        }
    }

    /// <summary>Puts a call into the queue. False when the activation is gone; then there is another, or will be.</summary>
    internal bool TryEnqueue(PendingCall call)
    {
        PendingCall? givenUp = null;
        bool isTaken;
        lock (Stripe)
        {
            if ((_state & TurnState.Dead) != 0)
            {
                return false;
            }

            if (Work.RequestCount >= Host.MaxWaitingCalls)
            {
                // Who has given up must not keep out who has not.
                givenUp = Work.TakeGivenUp();
            }

            isTaken = Work.RequestCount < Host.MaxWaitingCalls || call.IsTick;
            if (isTaken)
            {
                call.Target = this;
                call.QueuedAt = Host.Engine.Time.GetTimestamp();
                Work.AddRequest(call);
                var state = Interlocked.Or(ref _state, TurnState.Waiting);
                if ((state & TurnState.Executing) != 0 || (state & (TurnState.NotReady | TurnState.Closing)) != 0
                    || TurnState.MayStart(state, call.Method.Kind))
                {
                    Signal();
                }
            }
        }

        while (givenUp is not null)
        {
            (var next, givenUp.Next) = (givenUp.Next, null);
            givenUp.ReleaseByActivation();
            givenUp = next;
        }

        if (!isTaken)
        {
            Host.Engine.Metrics.Rejected(RejectionReason.Overloaded);
            call.SetException(new Hosting.GrainOverloadedException(
                $"{Host.MaxWaitingCalls} calls wait at {GrainId} already; {call.Method} was refused."));
            call.ReleaseByActivation();
        }

        return true;
    }

    /// <summary>A request has ended. Runs inside the turn.</summary>
    internal void End(PendingCall call, bool settled, Exception? failure)
    {
        if (failure is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            DropAfter(conflict);
        }

        ActivationWork work;
        lock (Stripe)
        {
            work = _work!;
            work.RemoveInFlight(call);
        }

        if (call.IsUse)
        {
            _lastUsed = Host.Engine.Clock.Now;
        }

        if ((Interlocked.Add(ref _state, -call.Method.Unit) & (TurnState.Waiting | TurnState.Closing)) != 0)
        {
            Interlocked.Or(ref _state, TurnState.HasWork);
        }

        call.EndTurn(failure);
        if (settled && call.PublishOnly())
        {
            if (work.IsPumping)
            {
                call.Next = work.Finished;
                work.Finished = call;
            }
            else
            {
                Host.Engine.Scheduler.Queue(call);
            }
        }

        call.ReleaseByActivation();
    }

    /// <summary>The state in memory is not the store's: the next call reads it again.</summary>
    internal void DropAfter(InconsistentStateException conflict)
    {
        conflict.IsSourceActivation = false;
        Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, conflict, "A write met another version."));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTakeContended(GrainMethod method, SynchronizationContext? caller)
    {
        if (ReferenceEquals(caller, this))
        {
            return false;
        }

        for (var spin = 1; spin <= ContendedSpins; spin++)
        {
            var state = _state;
            var blockers = state & method.Blockers;
            if (blockers == 0)
            {
                if (Interlocked.CompareExchange(ref _state, state + method.EnterDelta, state) == state)
                {
                    _lastUsed = Host.Engine.Clock.Now;
                    return true;
                }
            }
            else if ((state & (TurnState.Executing | TurnState.HasWork)) != TurnState.Executing)
            {
                return false;
            }

            Thread.SpinWait(spin);
        }

        return false;
    }

    private void Add(in WorkItem item)
    {
        lock (Stripe)
        {
            Work.AddItem(item);
            Signal();
        }
    }

    // Under the stripe's lock, or by the thread that gave the turn back.
    private void Signal()
    {
        if ((Interlocked.Or(ref _state, TurnState.HasWork) & TurnState.Executing) == 0)
        {
            Wake();
        }
    }

    private void Wake()
    {
        if ((Interlocked.Or(ref _state, TurnState.Executing) & TurnState.Executing) == 0)
        {
            Host.Engine.Scheduler.Queue(this);
        }
    }

    private sealed class TextActivation(GrainHost host, in GrainKey key) : Activation(host, key)
    {
        private readonly string _text = key.Text!;

        private protected override string? Text => _text;
    }
}
