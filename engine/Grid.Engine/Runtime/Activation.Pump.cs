using Microsoft.Extensions.Logging;

namespace Grid.Engine.Runtime;

/// <summary>The slow half of an activation: what waits is run here, one item at a time.</summary>
public partial class Activation
{
    // Items that one run of the pump takes before it lets other activations have the thread.
    private const int ItemsPerRun = 64;

    private enum Step : byte
    {
        Rest,
        Item,
        Request,
        GivenUp,
        Activate,
        Deactivate,
    }

    /// <summary>Runs what waits. The scheduler calls it with the turn held.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        var caller = Current;
        SetSynchronizationContext(this);
        PendingCall? finished;
        try
        {
            finished = Pump();
        }
        finally
        {
            SetSynchronizationContext(caller);
        }

        RunFinished(finished);
    }

    /// <summary>The callers whose calls ended go on here, when the turn has been given back.</summary>
    private static void RunFinished(PendingCall? last)
    {
        PendingCall? first = null;
        while (last is not null)
        {
            (last.Next, first, last) = (first, last, last.Next);
        }

        while (first is not null)
        {
            var next = first.Next;
            first.Next = null;
            first.RunContinuation();
            first = next;
        }
    }

    private PendingCall? Pump()
    {
        var stripe = Stripe;
        for (var left = ItemsPerRun; ; left--)
        {
            Step step;
            WorkItem item;
            PendingCall? call;
            lock (stripe)
            {
                var work = Work;
                work.IsPumping = true;
                step = TakeNext(work, left, out item, out call);
                if (step == Step.Rest)
                {
                    return Rest(work, again: left == 0);
                }

                work.Runs++;
            }

            Run(step, item, call);
        }
    }

    // Under the lock.
    private Step TakeNext(ActivationWork work, int left, out WorkItem item, out PendingCall? call)
    {
        item = default;
        call = null;
        if (left == 0)
        {
            return Step.Rest;
        }

        if (work.HasItems)
        {
            item = work.TakeItem();
            return Step.Item;
        }

        var state = _state;
        if ((state & TurnState.Dead) != 0)
        {
            return Step.Rest;
        }

        if ((state & TurnState.NotReady) != 0)
        {
            // Whoever waits first is told of in the trace as the one who brought it into memory.
            call = work.FirstRequest;
            return (Interlocked.Or(ref _state, TurnState.Loading) & TurnState.Loading) == 0 ? Step.Activate : Step.Rest;
        }

        if ((state & TurnState.Closing) != 0)
        {
            if ((state & TurnState.InFlight) != 0 || work.IsDeactivating)
            {
                return Step.Rest;
            }

            work.IsDeactivating = true;
            return Step.Deactivate;
        }

        call = work.TakeRequest(state);
        if (work.FirstRequest is null)
        {
            Interlocked.And(ref _state, ~TurnState.Waiting);
        }

        if (call is null)
        {
            return Step.Rest;
        }

        if (call.IsSettled)
        {
            return Step.GivenUp;
        }

        Interlocked.Add(ref _state, call.Method.Unit);
        call.IsStarted = true;
        work.AddInFlight(call);
        return Step.Request;
    }

    private void Run(Step step, in WorkItem item, PendingCall? call)
    {
        switch (step)
        {
            case Step.Item:
                RunItem(item);
                break;
            case Step.Request:
                Host.Engine.Metrics.Waited(call!.QueuedAt);
                Host.CountTurn();
                call.Start(this);
                break;
            case Step.GivenUp:
                call!.ReleaseByActivation();
                break;
            case Step.Activate:
                _ = call?.Span is { } asker ? ActivateTracedAsync(asker) : ActivateAsync(null);
                break;
            case Step.Deactivate:
                _ = DeactivateAsync();
                break;
        }
    }

    private void RunItem(in WorkItem item)
    {
        try
        {
            item.Run();
        }
        catch (Exception error)
        {
            // Only an `async void` of the grain can get here; the activation must not stop for it.
            LogStray(Host.Engine.Log, GrainId, error);
        }
    }

    // Under the lock: gives the turn back, or asks for another run.
    private PendingCall? Rest(ActivationWork work, bool again)
    {
        var finished = work.Finished;
        work.Finished = null;
        work.IsPumping = false;
        if (again)
        {
            Host.Engine.Scheduler.Queue(this);
            return finished;
        }

        if (work.IsQuiet)
        {
            _work = null;
            ActivationWork.Return(work);
        }

        Interlocked.And(ref _state, ~(TurnState.Executing | TurnState.HasWork));
        return finished;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Code of {Grain} threw outside any call.")]
    private static partial void LogStray(ILogger log, GrainId grain, Exception error);
}
