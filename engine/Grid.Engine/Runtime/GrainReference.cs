using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Grid.Engine.Runtime;

/// <summary>Base class of the generated proxies: the name of a grain, and the way in.</summary>
public abstract class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly GrainHost _host;
    private readonly GrainKey _key;

    /// <summary>Refers to the grain of a type with a key.</summary>
    protected GrainReference(GrainHost host, in GrainKey key)
    {
        _host = host;
        _key = key;
    }

    internal GrainId GrainId => new(_host.Type, new IdSpan(_key));

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && ReferenceEquals(_host, other._host) && _key.Equals(other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainReference other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_host, _key);

    /// <inheritdoc/>
    public override string ToString() => GrainId.ToString();

    internal T Cast<T>() => this is T same ? same : _host.Engine.MakeReference<T>(_host, _key);

    /// <summary>Ends a call that failed on its caller's stack.</summary>
    protected static ValueTask<T> Failed<T>(in GrainTurn turn, Exception error)
    {
        turn.Fail(error);
        return error is OperationCanceledException { CancellationToken: { IsCancellationRequested: true } token }
            ? ValueTask.FromCanceled<T>(token)
            : ValueTask.FromException<T>(error);
    }

    /// <inheritdoc cref="Failed{T}"/>
    protected static ValueTask Failed(in GrainTurn turn, Exception error)
    {
        turn.Fail(error);
        return error is OperationCanceledException { CancellationToken: { IsCancellationRequested: true } token }
            ? ValueTask.FromCanceled(token)
            : ValueTask.FromException(error);
    }

    /// <summary>
    /// Takes the turn of a local activation, if it is free. Then the caller runs the grain's method on its own stack, and ends
    /// the turn with <see cref="GrainTurn.End"/>, <see cref="Failed{T}"/> or <see cref="Await{T}"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected bool TryEnter(GrainMethod method, out GrainTurn turn)
    {
        if (_host.IsDirect && _host.Gate is not { IsOpen: false } && !EngineTraces.IsTraced
            && _host.Table.Peek(_key.Partition) is { } stripe && stripe.Find(_key) is { } activation)
        {
            var caller = SynchronizationContext.Current;
            if ((caller is null || RuntimeHelpers.TryEnsureSufficientExecutionStack()) && activation.TryTake(method, caller))
            {
                stripe.Turns++;
                SynchronizationContext.SetSynchronizationContext(activation);
                turn = new GrainTurn(activation, caller, method);
                return true;
            }
        }

        turn = default;
        return false;
    }

    /// <summary>Goes on with a call whose method did not complete on the caller's stack.</summary>
    protected ValueTask<T> Await<T>(in GrainTurn turn, ResultCall<T> call, ValueTask<T> request)
    {
        var result = new ValueTask<T>(call, call.Version);
        call.Prepare(_host, _key, turn.Method, turn.Caller as Activation);
        turn.Activation.Continue(call);
        call.Await(request);
        turn.Leave();
        return result;
    }

    /// <inheritdoc cref="Await{T}"/>
    protected ValueTask Await(in GrainTurn turn, VoidCall call, ValueTask request)
    {
        var result = new ValueTask(call, call.Version);
        call.Prepare(_host, _key, turn.Method, turn.Caller as Activation);
        turn.Activation.Continue(call);
        call.Await(request);
        turn.Leave();
        return result;
    }

    /// <summary>Sends a call the long way: to a queue, to a new activation, to another silo.</summary>
    protected ValueTask<T> Send<T>(ResultCall<T> call, GrainMethod method)
    {
        var result = new ValueTask<T>(call, call.Version);
        Send((PendingCall)call, method);
        return result;
    }

    /// <inheritdoc cref="Send{T}"/>
    protected ValueTask Send(VoidCall call, GrainMethod method)
    {
        var result = new ValueTask(call, call.Version);
        Send((PendingCall)call, method);
        return result;
    }

    private void Send(PendingCall call, GrainMethod method)
    {
        call.Prepare(_host, _key, method, SynchronizationContext.Current as Activation);
        if (EngineTraces.IsTraced)
        {
            SendTraced(call, method);
            return;
        }

        call.CaptureFlow();
        _host.Dispatch(call);
    }

    private void SendTraced(PendingCall call, GrainMethod method)
    {
        var caller = Activity.Current;
        call.Span = EngineTraces.Call(_host, method) ?? caller;
        call.CaptureFlow();
        Activity.Current = caller;
        _host.Dispatch(call);
    }
}

/// <summary>A turn that is held by the calling thread.</summary>
public readonly ref struct GrainTurn
{
    internal readonly Activation Activation;
    internal readonly SynchronizationContext? Caller;
    internal readonly GrainMethod Method;

    internal GrainTurn(Activation activation, SynchronizationContext? caller, GrainMethod method)
    {
        Activation = activation;
        Caller = caller;
        Method = method;
    }

    /// <summary>The grain object.</summary>
    public object Grain
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Activation.Instance;
    }

    /// <summary>The request has ended: gives the turn back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End()
    {
        SynchronizationContext.SetSynchronizationContext(Caller);
        Activation.Give(Method.EnterDelta);
    }

    internal void Fail(Exception error)
    {
        if (error is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            Activation.DropAfter(conflict);
        }

        End();
    }

    /// <summary>Gives the turn back while the request goes on.</summary>
    internal void Leave()
    {
        SynchronizationContext.SetSynchronizationContext(Caller);
        Activation.Give(TurnState.Executing);
    }
}
