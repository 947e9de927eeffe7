using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Grid.Codec;

namespace Grid.Engine.Runtime;

/// <summary>A pending call of a method with a result. Generated code derives one class for each method.</summary>
public abstract class ResultCall<T> : PendingCall, IValueTaskSource<T>
{
    private readonly Action _end;
    private ValueTaskAwaiter<T> _request;
    private T? _result;

    /// <summary>Makes the object once; it is pooled.</summary>
    protected ResultCall() => _end = EndRequest;

    /// <inheritdoc/>
    public sealed override void WriteResult(ref CodecWriter writer) => WriteResult(ref writer, _result!);

    /// <inheritdoc/>
    public sealed override void SetResult(ref CodecReader reader) => SetResult(ReadResult(ref reader));

    /// <summary>Ends the call with a result, unless it has ended. Safe on any thread.</summary>
    public void SetResult(T result)
    {
        if (TrySettle())
        {
            _result = result;
            Publish();
        }
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        var error = Outcome(token);
        var result = _result!;
        Release();
        error?.Throw();
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => Status(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => OnCompleted(continuation, state, token, flags);

    internal void Await(ValueTask<T> request)
    {
        // On the activation's context, so that the end of the grain's method runs this on its own stack, inside the turn.
        _request = request.GetAwaiter();
        if (_request.IsCompleted)
        {
            EndRequest();
        }
        else
        {
            _request.UnsafeOnCompleted(_end);
        }
    }

    internal async ValueTask<object?> InvokeBoxed(object grain) => await InvokeGrain(grain);

    /// <summary>Calls the grain's method with the arguments.</summary>
    protected abstract ValueTask<T> InvokeGrain(object grain);

    /// <summary>Writes a result.</summary>
    protected abstract void WriteResult(ref CodecWriter writer, T result);

    /// <summary>Reads a result.</summary>
    protected abstract T ReadResult(ref CodecReader reader);

    /// <summary>A copy of the result, where grain and caller may not share it.</summary>
    protected virtual T CopyResult(T result) => result;

    /// <summary>Forgets the arguments.</summary>
    protected virtual void ClearArguments()
    {
    }

    private protected sealed override void Invoke(Activation activation)
    {
        ValueTask<T> request;
        try
        {
            request = Host.Filters.Length == 0 ? InvokeGrain(activation.Instance) : InvokeFiltered(activation);
        }
        catch (Exception error)
        {
            request = ValueTask.FromException<T>(error);
        }

        Await(request);
    }

    internal sealed override void RunInbound(in GrainTurn turn, uint remainingMs)
    {
        ValueTask<T> request;
        try
        {
            request = InvokeGrain(turn.Grain);
            if (request.IsCompletedSuccessfully)
            {
                _result = request.Result;
                AnswerNow();
                turn.End();
                Discard();
                return;
            }
        }
        catch (Exception error)
        {
            turn.Fail(error);
            FailNow(error);
            Discard();
            return;
        }

        Detach(remainingMs);
        turn.Activation.Continue(this);
        Await(request);
        turn.Leave();
    }

    private protected sealed override void Clear()
    {
        _result = default;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            _request = default;
        }

        ClearArguments();
    }

    private async ValueTask<T> InvokeFiltered(Activation activation)
    {
        var context = new FilteredCall(this, activation, InvokeBoxed);
        await context.Invoke();
        return (T)context.Result!;
    }

    private void EndRequest()
    {
        var activation = Target!;
        Exception? failure = null;
        T? result = default;
        try
        {
            result = CopyResult(_request.GetResult());
        }
        catch (Exception error)
        {
            failure = error;
        }

        _request = default;
        var settled = TrySettle();
        if (settled && failure is null)
        {
            _result = result;
        }
        else if (settled)
        {
            Fail(failure!);
        }

        activation.End(this, settled, failure);
    }
}

/// <summary>A pending call of a method without a result. Generated code derives one class for each method.</summary>
public abstract class VoidCall : PendingCall, IValueTaskSource
{
    private readonly Action _end;
    private ValueTaskAwaiter _request;

    /// <summary>Makes the object once; it is pooled.</summary>
    protected VoidCall() => _end = EndRequest;

    /// <inheritdoc/>
    public sealed override void WriteResult(ref CodecWriter writer)
    {
    }

    /// <inheritdoc/>
    public sealed override void SetResult(ref CodecReader reader) => SetResult();

    /// <summary>Ends the call, unless it has ended. Safe on any thread.</summary>
    public void SetResult()
    {
        if (TrySettle())
        {
            Publish();
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        var error = Outcome(token);
        Release();
        error?.Throw();
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => Status(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => OnCompleted(continuation, state, token, flags);

    internal void Await(ValueTask request)
    {
        _request = request.GetAwaiter();
        if (_request.IsCompleted)
        {
            EndRequest();
        }
        else
        {
            _request.UnsafeOnCompleted(_end);
        }
    }

    internal async ValueTask<object?> InvokeBoxed(object grain)
    {
        await InvokeGrain(grain);
        return null;
    }

    /// <summary>Calls the grain's method with the arguments.</summary>
    protected abstract ValueTask InvokeGrain(object grain);

    /// <summary>Forgets the arguments.</summary>
    protected virtual void ClearArguments()
    {
    }

    private protected sealed override void Invoke(Activation activation)
    {
        ValueTask request;
        try
        {
            request = Host.Filters.Length == 0 || IsTick
                ? InvokeGrain(activation.Instance)
                : new ValueTask(new FilteredCall(this, activation, InvokeBoxed).Invoke());
        }
        catch (Exception error)
        {
            request = ValueTask.FromException(error);
        }

        Await(request);
    }

    internal sealed override void RunInbound(in GrainTurn turn, uint remainingMs)
    {
        ValueTask request;
        try
        {
            request = InvokeGrain(turn.Grain);
            if (request.IsCompletedSuccessfully)
            {
                request.GetAwaiter().GetResult();
                AnswerNow();
                turn.End();
                Discard();
                return;
            }
        }
        catch (Exception error)
        {
            turn.Fail(error);
            FailNow(error);
            Discard();
            return;
        }

        Detach(remainingMs);
        turn.Activation.Continue(this);
        Await(request);
        turn.Leave();
    }

    private protected sealed override void Clear()
    {
        _request = default;
        ClearArguments();
    }

    private void EndRequest()
    {
        var activation = Target!;
        Exception? failure = null;
        try
        {
            _request.GetResult();
        }
        catch (Exception error)
        {
            failure = error;
        }

        _request = default;
        var settled = TrySettle();
        if (settled && failure is not null)
        {
            Fail(failure);
        }

        activation.End(this, settled, failure);
    }
}

/// <summary>A few idle calls of one class for each thread; what is beyond them is left to the collector.</summary>
public static class CallPool<TCall>
    where TCall : PendingCall, new()
{
    private const int PerThread = 16;

    [ThreadStatic]
    private static TCall?[]? t_idle;

    [ThreadStatic]
    private static int t_count;

    /// <summary>An idle call, or a new one.</summary>
    public static TCall Rent()
    {
        if (t_count == 0)
        {
            return new TCall();
        }

        ref var slot = ref t_idle![--t_count];
        var call = slot!;
        slot = null;
        return call;
    }

    /// <summary>Takes a call back that nobody refers to any more.</summary>
    public static void Return(TCall call)
    {
        if (t_count < PerThread)
        {
            (t_idle ??= new TCall?[PerThread])[t_count++] = call;
        }
    }
}
