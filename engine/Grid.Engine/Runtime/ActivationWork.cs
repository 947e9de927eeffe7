namespace Grid.Engine.Runtime;

/// <summary>
/// What an activation has only while something is going on: its queue, its requests in flight, timers. Made when needed and
/// dropped when quiet. Guarded by the lock of the activation's stripe, but for <see cref="Finished"/>.
/// </summary>
internal sealed class ActivationWork
{
    private const int PooledPerThread = 32;

    [ThreadStatic]
    private static ActivationWork?[]? t_idle;

    [ThreadStatic]
    private static int t_idleCount;

    private WorkItem[] _items = [];
    private int _first;
    private int _itemCount;

    // Waiting requests, oldest first.
    internal PendingCall? FirstRequest;
    internal PendingCall? LastRequest;
    internal int RequestCount;

    // Requests between their start and their end.
    internal PendingCall? InFlight;

    // Calls that ended in the pump's current run; touched by the thread that holds the turn alone.
    internal PendingCall? Finished;
    internal bool IsPumping;

    internal bool IsDeactivating;
    internal DeactivationReason Reason;
    internal TaskCompletionSource? Gone;
    internal List<IDisposable>? Timers;
    internal long KeepUntil;

    // How many items ran, over all uses of this object; who looks for deadlocks compares it.
    internal long Runs;

    internal bool HasItems => _itemCount > 0;

    internal bool IsQuiet => _itemCount == 0 && FirstRequest is null && InFlight is null && Timers is null && KeepUntil == 0
        && Gone is null && !IsDeactivating;

    internal static ActivationWork Rent()
    {
        if (t_idleCount == 0)
        {
            return new ActivationWork();
        }

        ref var slot = ref t_idle![--t_idleCount];
        var work = slot!;
        slot = null;
        return work;
    }

    /// <summary>Takes back one that is quiet.</summary>
    internal static void Return(ActivationWork work)
    {
        work.Reason = default;
        if (t_idleCount < PooledPerThread && work._items.Length <= PooledPerThread)
        {
            (t_idle ??= new ActivationWork?[PooledPerThread])[t_idleCount++] = work;
        }
    }

    internal void AddItem(in WorkItem item)
    {
        if (_itemCount == _items.Length)
        {
            Grow();
        }

        _items[(_first + _itemCount++) & (_items.Length - 1)] = item;
    }

    internal WorkItem TakeItem()
    {
        ref var slot = ref _items[_first];
        var item = slot;
        slot = default;
        _first = (_first + 1) & (_items.Length - 1);
        _itemCount--;
        return item;
    }

    internal void AddRequest(PendingCall call)
    {
        call.Next = null;
        if (LastRequest is null)
        {
            FirstRequest = call;
        }
        else
        {
            LastRequest.Next = call;
        }

        LastRequest = call;
        RequestCount++;
    }

    /// <summary>The oldest request that may start beside those in flight, or that has been given up; null when all must wait.</summary>
    internal PendingCall? TakeRequest(int state)
    {
        PendingCall? previous = null;
        for (var call = FirstRequest; call is not null; previous = call, call = call.Next)
        {
            if (call.IsSettled || TurnState.MayStart(state, call.Method.Kind))
            {
                Unlink(call, previous);
                return call;
            }
        }

        return null;
    }

    /// <summary>Takes out the requests that nobody waits for any more, linked by <see cref="PendingCall.Next"/>.</summary>
    internal PendingCall? TakeGivenUp()
    {
        PendingCall? taken = null;
        PendingCall? previous = null;
        for (var call = FirstRequest; call is not null;)
        {
            var next = call.Next;
            if (call.IsSettled)
            {
                Unlink(call, previous);
                call.Next = taken;
                taken = call;
            }
            else
            {
                previous = call;
            }

            call = next;
        }

        return taken;
    }

    internal PendingCall? TakeAllRequests()
    {
        var first = FirstRequest;
        FirstRequest = LastRequest = null;
        RequestCount = 0;
        return first;
    }

    internal void AddInFlight(PendingCall call)
    {
        call.PreviousInFlight = null;
        call.NextInFlight = InFlight;
        if (InFlight is { } first)
        {
            first.PreviousInFlight = call;
        }

        InFlight = call;
    }

    internal void RemoveInFlight(PendingCall call)
    {
        if (call.PreviousInFlight is { } previous)
        {
            previous.NextInFlight = call.NextInFlight;
        }
        else
        {
            InFlight = call.NextInFlight;
        }

        if (call.NextInFlight is { } next)
        {
            next.PreviousInFlight = call.PreviousInFlight;
        }

        call.PreviousInFlight = null;
        call.NextInFlight = null;
    }

    private void Unlink(PendingCall call, PendingCall? previous)
    {
        if (previous is null)
        {
            FirstRequest = call.Next;
        }
        else
        {
            previous.Next = call.Next;
        }

        if (ReferenceEquals(LastRequest, call))
        {
            LastRequest = previous;
        }

        call.Next = null;
        RequestCount--;
    }

    private void Grow()
    {
        // A power of two. No bound of its own: there is one item for each await that goes on, and requests are bounded.
        var larger = new WorkItem[Math.Max(2, _items.Length * 2)];
        for (var i = 0; i < _itemCount; i++)
        {
            larger[i] = _items[(_first + i) & (_items.Length - 1)];
        }

        _items = larger;
        _first = 0;
    }
}

/// <summary>A continuation that waits for the activation's thread.</summary>
internal readonly struct WorkItem(Delegate action, object? state, ExecutionContext? flow)
{
    private readonly Delegate _action = action;
    private readonly object? _state = state;
    private readonly ExecutionContext? _flow = flow;

    internal void Run()
    {
        if (_flow is null)
        {
            RunNow();
        }
        else
        {
            ExecutionContext.Run(_flow, static item => ((WorkItem)item!).RunNow(), this);
        }
    }

    private void RunNow()
    {
        if (_action is SendOrPostCallback posted)
        {
            posted(_state);
        }
        else
        {
            ((Action<object?>)_action)(_state);
        }
    }
}
