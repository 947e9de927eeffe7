using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Grid.Codec;

namespace Grid.Engine.Runtime;

/// <summary>
/// A call that does not complete on its caller's stack: waiting for its turn, awaiting inside the grain, or on its way to
/// another silo. It is the caller's task source, the queue's node and the clock's node in one pooled object, so that such a
/// call allocates nothing of its own.
/// </summary>
public abstract partial class PendingCall : IThreadPoolWorkItem
{
    internal const int NoClockSlot = -1;

    // Marks a call whose outcome is published; never run.
    private static readonly Action<object?> s_done = static _ => Debug.Fail("The mark of a finished call was run.");

    // Links: of the activation's queue, of its requests in flight, and of the clock.
    internal PendingCall? Next;
    internal PendingCall? NextInFlight;
    internal PendingCall? PreviousInFlight;
    internal PendingCall? ClockPrevious;
    internal PendingCall? ClockNext;
    internal int ClockSlot = NoClockSlot;
    internal int ClockDue;

    internal GrainHost Host = null!;
    internal GrainKey Key;
    internal GrainMethod Method = null!;
    internal Activation? Caller;
    internal Activation? Target;
    internal long QueuedAt;
    internal int Deadline;
    internal bool IsStarted;
    internal ulong Suspicion;

    private Action<object?>? _continuation;
    private object? _continuationState;
    private object? _continuationContext;
    private ExecutionContext? _continuationFlow;
    private ExecutionContext? _flow;
    private ExceptionDispatchInfo? _error;
    private CancellationTokenRegistration _cancellation;
    private int _startedAt;
    private int _settled;
    private int _holders;
    private short _version;
    private bool _pooled = true;

    /// <summary>The grain that is called.</summary>
    public GrainId GrainId => new(Host.Type, new IdSpan(Key));

    /// <summary>The method that is called.</summary>
    public GrainMethod CalledMethod => Method;

    /// <summary>The partition of the grain that is called.</summary>
    public int Partition => Key.Partition;

    /// <summary>Whether the call has its outcome: an answer, an error, a time-out or a cancellation.</summary>
    public bool IsEnded => IsSettled;

    /// <summary>How long the caller will still wait, as exactly as the engine's clock; zero when time is up.</summary>
    public TimeSpan Remaining => Host.Engine.Clock.SpanOf(Math.Max(0, Deadline - Host.Engine.Clock.Now));

    /// <summary>How long ago it was made, or came in from another silo.</summary>
    internal TimeSpan Age => Host.Engine.Clock.SpanOf(Host.Engine.Clock.Now - _startedAt);

    /// <summary>The same as it is sent.</summary>
    internal uint RemainingMs => (uint)Math.Clamp(Remaining.TotalMilliseconds, 1, uint.MaxValue);

    /// <summary>Whether it is a timer's tick: nobody calls, no filter sees it, no bound holds for it.</summary>
    internal virtual bool IsTick => false;

    /// <summary>Whether the request counts against idleness.</summary>
    internal virtual bool IsUse => true;

    internal short Version => _version;

    internal bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>Whether the caller awaits the answer, as far as the engine can see: of a task it can't.</summary>
    internal bool IsAwaited => Volatile.Read(ref _continuation) is not null;

    /// <summary>The token among the arguments, if any.</summary>
    protected virtual CancellationToken Token => CancellationToken.None;

    /// <summary>Writes the arguments in order; a <see cref="CancellationToken"/> is none.</summary>
    public abstract void WriteArguments(ref CodecWriter writer);

    /// <summary>Reads what <see cref="WriteArguments"/> wrote.</summary>
    /// <exception cref="CodecException">The bytes are not the arguments of this method.</exception>
    public abstract void ReadArguments(ref CodecReader reader);

    /// <summary>Writes the result, of a call that has ended well and has one.</summary>
    public abstract void WriteResult(ref CodecWriter writer);

    /// <summary>Ends the call with the result that is read, unless it has ended. Safe on any thread.</summary>
    /// <exception cref="CodecException">The bytes are not the result of this method.</exception>
    public abstract void SetResult(ref CodecReader reader);

    /// <summary>Ends the call with an error, unless it has ended. Safe on any thread.</summary>
    public void SetException(Exception error)
    {
        if (TrySettle())
        {
            Fail(error);
            Publish();
        }
    }

    /// <summary>
    /// Lets go of the call: the last act of whoever took it (see <see cref="IGrainTransport.Send"/>), once, after the call has
    /// ended. The object may become another call at once.
    /// </summary>
    public void LetGo() => Release();

    /// <summary>Runs the continuation of the caller, where no turn is held.</summary>
    void IThreadPoolWorkItem.Execute() => RunContinuation();

    internal void Prepare(GrainHost host, in GrainKey key, GrainMethod method, Activation? caller)
    {
        var own = method.TimeoutSteps(host.Engine.Clock);
        var engine = host.Engine;
        Prepare(host, key, method, caller, own > 0 ? own : caller is null ? engine.Limits.StepsLeft() : engine.ResponseTimeoutSteps);
    }

    internal void PrepareTick(Activation activation, GrainMethod method)
    {
        Host = activation.Host;
        Key = activation.Key;
        Method = method;
        _holders = 2;
    }

    /// <summary>Makes it a call that ends after so many steps of the clock at the latest.</summary>
    private void Prepare(GrainHost host, in GrainKey key, GrainMethod method, Activation? caller, int steps)
    {
        Host = host;
        Key = key;
        Method = method;
        Caller = caller;
        Target = null;
        IsStarted = false;
        Suspicion = 0;
        _settled = 0;
        _holders = 2; // the caller, until it has taken the result; the activation, until the request has ended
        var clock = host.Engine.Clock;
        _startedAt = clock.Now;
        Deadline = _startedAt + steps;
        clock.Add(this, caller is null ? Deadline : Math.Min(Deadline, _startedAt + DeadlockFinder.Steps));
        var token = Token;
        if (token.CanBeCanceled)
        {
            // The registration may still fire after the call has ended, so this object must not become another call.
            _pooled = false;
            _cancellation = token.UnsafeRegister(
                static (state, token) => ((PendingCall)state!).SetException(new OperationCanceledException(token)), this);
            if (IsSettled)
            {
                _cancellation.Unregister();
            }
        }
    }

    /// <summary>The clock has come to this call: time is up, or it is to be looked at. Returns when to come again, or 0.</summary>
    internal int OnClock(int now)
    {
        if (IsSettled)
        {
            return 0;
        }

        if (now >= Deadline)
        {
            Host.Engine.Metrics.TimedOut();
            SetException(new TimeoutException(
                $"{Method} of {GrainId} did not answer in time; whether it was done is unknown. "
                + (IsStarted ? "It has begun." : "It had not begun.")));
            return 0;
        }

        if (IsStarted || DeadlockFinder.Look(this) is not { } chain)
        {
            // Look again when as much time has passed once more: a few times in the life of a call.
            return IsStarted ? Deadline : Math.Min(Deadline, now + Math.Max(DeadlockFinder.Steps, now - _startedAt));
        }

        if (chain.Length == 0)
        {
            return Math.Min(Deadline, now + DeadlockFinder.Steps);
        }

        Host.Engine.Metrics.Rejected(RejectionReason.Deadlock);
        SetException(new Hosting.GrainDeadlockException($"Grains wait for each other: {chain}."));
        return 0;
    }

    /// <summary>The engine stops and the time for ending is up.</summary>
    internal void EndAtShutdown()
    {
        if (!IsSettled)
        {
            SetException(new TimeoutException(
                $"The silo shut down before {Method} of {GrainId} had answered; whether it was done is unknown."));
        }
    }

    /// <summary>Keeps the caller's ambient data for a request that starts on another stack.</summary>
    internal void CaptureFlow() => _flow = ExecutionContext.Capture();

    /// <summary>Starts the request inside the turn that the calling thread holds.</summary>
    internal void Start(Activation activation)
    {
        var flow = _flow;
        if (flow is null)
        {
            Invoke(activation);
            return;
        }

        _flow = null;
        ExecutionContext.Run(flow, static state => ((PendingCall)state!).InvokeInFlow(), this);
    }

    private void InvokeInFlow()
    {
        BeginTurn();
        Invoke((Activation)SynchronizationContext.Current!);
    }

    /// <summary>Claims the right to end the call. Of result, time-out and cancellation one wins.</summary>
    internal bool TrySettle()
    {
        if (Volatile.Read(ref _settled) != 0 || Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return false;
        }

        Host.Engine.Clock.Remove(this);
        _cancellation.Unregister();
        return true;
    }

    internal void Fail(Exception error) => _error = ExceptionDispatchInfo.Capture(error);

    /// <summary>Makes the outcome visible; the caller's continuation runs later, where no turn is held.</summary>
    internal void Publish()
    {
        if (PublishOnly())
        {
            Host.Engine.Scheduler.Queue(this);
        }
    }

    /// <summary>Makes the outcome visible and says whether a continuation is left to run.</summary>
    internal bool PublishOnly()
    {
        // The span of another silo's call ends when its answer is written.
        if (Span is not null && !IsInbound)
        {
            StopSpan(_error?.SourceException);
        }

        return Interlocked.CompareExchange(ref _continuation, s_done, null) is not null;
    }

    internal void RunContinuation()
    {
        var continuation = _continuation!;
        var state = _continuationState;
        var context = _continuationContext;
        var flow = _continuationFlow;
        Volatile.Write(ref _continuation, s_done);
        Resume(continuation, state, context, flow, inline: true);
    }

    /// <summary>The request of a call has ended in its activation, whoever settled the call.</summary>
    internal void ReleaseByActivation() => Release();

    internal void Hold() => Interlocked.Increment(ref _holders);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && _pooled)
        {
            Reset();
            Recycle();
        }
    }

    /// <summary>Makes the request; its end calls <see cref="Activation.End"/>.</summary>
    private protected abstract void Invoke(Activation activation);

    /// <summary>Forgets arguments and result.</summary>
    private protected abstract void Clear();

    /// <summary>Gives the object back to the pool of its class.</summary>
    protected abstract void Recycle();

    private protected ValueTaskSourceStatus Status(short token)
    {
        CheckVersion(token);
        if (!ReferenceEquals(Volatile.Read(ref _continuation), s_done))
        {
            return ValueTaskSourceStatus.Pending;
        }

        return _error is null ? ValueTaskSourceStatus.Succeeded
            : _error.SourceException is OperationCanceledException ? ValueTaskSourceStatus.Canceled
            : ValueTaskSourceStatus.Faulted;
    }

    private protected ExceptionDispatchInfo? Outcome(short token)
    {
        CheckVersion(token);
        if (!ReferenceEquals(Volatile.Read(ref _continuation), s_done))
        {
            throw new InvalidOperationException("The call has not ended: await it, and await it once.");
        }

        return _error;
    }

    private protected void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckVersion(token);
        ExecutionContext? flow = null;
        object? context = null;
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
        {
            flow = ExecutionContext.Capture();
        }

        if ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0)
        {
            context = SynchronizationContext.Current;
            if (context is null && TaskScheduler.Current != TaskScheduler.Default)
            {
                context = TaskScheduler.Current;
            }
        }

        _continuationState = state;
        _continuationContext = context;
        _continuationFlow = flow;
        var previous = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (previous is null)
        {
            return;
        }

        if (!ReferenceEquals(previous, s_done))
        {
            throw new InvalidOperationException("The call is awaited already; a ValueTask may be awaited once.");
        }

        Resume(continuation, state, context, flow, inline: false);
    }

    private void Resume(Action<object?> continuation, object? state, object? context, ExecutionContext? flow, bool inline)
    {
        switch (context)
        {
            case Activation activation:
                activation.Post(continuation, state, flow);
                break;
            case SynchronizationContext other:
                other.Post(static item => ((Continuation)item!).Execute(), new Continuation(continuation, state, flow));
                break;
            case TaskScheduler scheduler:
                Task.Factory.StartNew(
                    static item => ((Continuation)item!).Execute(), new Continuation(continuation, state, flow),
                    CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
                break;
            case null when inline && flow is null:
                continuation(state);
                break;
            default:
                Host.Engine.Scheduler.Queue(new Continuation(continuation, state, flow));
                break;
        }
    }

    private void CheckVersion(short token)
    {
        if (token != _version)
        {
            throw new InvalidOperationException("The call was awaited before; a ValueTask may be awaited once.");
        }
    }

    private void Reset()
    {
        unchecked
        {
            _version++;
        }

        Host = null!;
        Caller = null;
        Target = null;
        Next = null;
        NextInFlight = null;
        _continuation = null;
        _continuationState = null;
        _continuationContext = null;
        _continuationFlow = null;
        _flow = null;
        _error = null;
        _replies = null;
        Span = null;
        _turn = null;
        Clear();
    }

    private sealed class Continuation(Action<object?> action, object? state, ExecutionContext? flow) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (flow is null)
            {
                action(state);
            }
            else
            {
                ExecutionContext.Run(flow, static item => ((Continuation)item!).Run(), this);
            }
        }

        private void Run() => action(state);
    }
}
