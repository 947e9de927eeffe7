using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Grid.Engine.Runtime;

/// <summary>From the first call to the last: loading, dropping, and what holds an activation.</summary>
public partial class Activation
{
    /// <inheritdoc/>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (Stripe)
        {
            if ((_state & (TurnState.Dead | TurnState.Closing)) != 0)
            {
                return;
            }

            Work.Reason = deactivationReason;
            Interlocked.Or(ref _state, TurnState.Closing);
            Signal();
        }
    }

    internal void DelayDeactivation(TimeSpan span)
    {
        lock (Stripe)
        {
            Work.KeepUntil = span == Timeout.InfiniteTimeSpan || span == TimeSpan.MaxValue ? long.MaxValue
                : span <= TimeSpan.Zero ? 0
                : Host.Engine.Clock.Now + Host.Engine.Clock.StepsIn(span);
        }
    }

    internal void AddTimer(IDisposable timer)
    {
        lock (Stripe)
        {
            (Work.Timers ??= []).Add(timer);
        }
    }

    internal void RemoveTimer(IDisposable timer)
    {
        lock (Stripe)
        {
            if (_work?.Timers is { } timers && timers.Remove(timer) && timers.Count == 0)
            {
                _work.Timers = null;
            }
        }
    }

    /// <summary>Drops the activation if nothing goes on in it. False when it is in use or held.</summary>
    internal bool TryCollect(int now, DeactivationReason reason)
    {
        if (Volatile.Read(ref _work)?.KeepUntil > now
            || Interlocked.CompareExchange(ref _state, TurnState.Closing | TurnState.Executing, 0) != 0)
        {
            return false;
        }

        lock (Stripe)
        {
            if (_work is null && !Host.NeedsDeactivation)
            {
                _state = TurnState.Dead;
                Host.Forget(this);
                return true;
            }

            Work.Reason = reason;
        }

        Host.Engine.Scheduler.Queue(this);
        return true;
    }

    /// <summary>
    /// Ends an activation in which nothing goes on and whose grain need not hear of it. Under the stripe's lock; the caller takes it
    /// out of the directory.
    /// </summary>
    internal bool TryDie() => _work is null && Interlocked.CompareExchange(ref _state, TurnState.Dead, 0) == 0;

    /// <summary>
    /// Takes an activation out though requests are in the middle of something: they run to their end beside whatever
    /// comes after them, and the store refuses what they write.
    /// </summary>
    internal void Abandon() => Bury(null);

    /// <summary>Loads a new activation on this thread from a record that was read already.</summary>
    internal void Preload(StateSeed seed)
    {
        // The maker of the activation holds its turn. What awaits beyond this stack is done by the pump.
        var caller = Current;
        SetSynchronizationContext(this);
        try
        {
            _ = ActivateAsync(seed);
        }
        finally
        {
            SetSynchronizationContext(caller);
        }

        Give(TurnState.Executing);
    }

    /// <summary>Holds the turn of an activation that was just made, before anybody else sees it.</summary>
    internal void TakeNew() => _state |= TurnState.Executing | TurnState.Loading;

    private async ValueTask ActivateTracedAsync(Activity asker)
    {
        // An async method: what it makes current is forgotten when it returns to the pump.
        using var span = EngineTraces.Activate(Host, asker);
        await ActivateAsync(null);
    }

    private async ValueTask ActivateAsync(StateSeed? seed)
    {
        try
        {
            await LoadAsync(seed);
        }
        catch (Exception error)
        {
            LogActivationFailed(Host.Engine.Log, GrainId, error);
            Bury(error);
            return;
        }

        const int Held = TurnState.Waiting | TurnState.Closing;
        if ((Interlocked.And(ref _state, ~(TurnState.NotReady | TurnState.Loading)) & Held) != 0)
        {
            Interlocked.Or(ref _state, TurnState.HasWork);
        }

        Host.Engine.Metrics.Activated(Host);
    }

    private async ValueTask LoadAsync(StateSeed? seed)
    {
        var facets = new FacetSet(seed);
        _grain = Host.Activator.Create(this, ref facets);
        for (var i = 0; i < facets.Count; i++)
        {
            if (facets[i] is { IsLoaded: false } facet)
            {
                await facet.ReadStateAsync();
            }
        }

        if (Host.HasOnActivate)
        {
            await ((IGrainBase)_grain).OnActivateAsync(Host.Engine.Stopping);
        }
    }

    private async ValueTask DeactivateAsync()
    {
        var reason = _work!.Reason;
        try
        {
            if (Host.HasOnDeactivate)
            {
                using var limit = new CancellationTokenSource(Host.Engine.DrainTimeout, Host.Engine.Time);
                await ((IGrainBase)_grain!).OnDeactivateAsync(reason, limit.Token);
            }

            switch (_grain)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
        catch (Exception error)
        {
            LogDeactivationFailed(Host.Engine.Log, GrainId, error);
        }

        Bury(null);
    }

    // Out of the directory. Who waited sees the failure, or is sent on to the next activation.
    private void Bury(Exception? failure)
    {
        PendingCall? waiting;
        List<IDisposable>? timers;
        TaskCompletionSource? gone;
        lock (Stripe)
        {
            var work = Work;
            work.IsDeactivating = false;
            work.KeepUntil = 0;
            waiting = work.TakeAllRequests();
            (timers, work.Timers) = (work.Timers, null);
            (gone, work.Gone) = (work.Gone, null);
            Interlocked.Or(ref _state, TurnState.Dead);
            Interlocked.And(ref _state, ~TurnState.Waiting);
            Host.Forget(this);
        }

        timers?.ForEach(static timer => timer.Dispose());
        if (gone is not null)
        {
            Host.Engine.Scheduler.Queue(new Farewell(gone));
        }

        while (waiting is not null)
        {
            var next = waiting.Next;
            waiting.Next = null;
            if (failure is not null)
            {
                waiting.SetException(failure);
                waiting.ReleaseByActivation();
            }
            else if (waiting.IsSettled || waiting.IsTick)
            {
                waiting.ReleaseByActivation();
            }
            else
            {
                Host.Dispatch(waiting);
            }

            waiting = next;
        }
    }

    // Who waits for the end goes on where no turn is held.
    private sealed class Farewell(TaskCompletionSource gone) : IThreadPoolWorkItem
    {
        public void Execute() => gone.SetResult();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain} could not be activated; the next call tries again.")]
    private static partial void LogActivationFailed(ILogger log, GrainId grain, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain} threw while it was deactivated.")]
    private static partial void LogDeactivationFailed(ILogger log, GrainId grain, Exception error);
}
