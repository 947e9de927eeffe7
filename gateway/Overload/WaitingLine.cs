using System.Diagnostics.CodeAnalysis;

namespace Grid.Gateway.Overload;

/// <summary>Waiting requests of one class: the newest is admitted first, the oldest is refused first.</summary>
internal sealed class WaitingLine(int maxCount)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(TaskCompletionSource<OverloadSlot?> Place, long Since)> _line = new();
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Adds a waiter; a full line returns its oldest waiter, to be refused.</summary>
    internal (Task<OverloadSlot?> Place, TaskCompletionSource<OverloadSlot?>? Refused) Add(long now)
    {
        // Continue asynchronously: the thread that frees a slot has its own request to finish.
        var place = new TaskCompletionSource<OverloadSlot?>(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<OverloadSlot?>? refused = null;
        lock (_gate)
        {
            if (_count == maxCount)
            {
                refused = _line.First!.Value.Place;
                _line.RemoveFirst();
                _count--;
            }
            _line.AddLast((place, now));
            _count++;
        }
        return (place.Task, refused);
    }

    /// <summary>Removes the newest waiter.</summary>
    internal bool TryTakeLast([NotNullWhen(true)] out TaskCompletionSource<OverloadSlot?>? place)
    {
        lock (_gate)
        {
            place = _line.Last?.Value.Place;
            if (place is null)
                return false;
            _line.RemoveLast();
            _count--;
            return true;
        }
    }

    /// <summary>Removes the oldest waiter if it arrived at or before <paramref name="since"/>.</summary>
    internal bool TryTakeFirst(long since, [NotNullWhen(true)] out TaskCompletionSource<OverloadSlot?>? place)
    {
        lock (_gate)
        {
            place = null;
            if (_line.First is not { } first || first.Value.Since > since)
                return false;
            place = first.Value.Place;
            _line.RemoveFirst();
            _count--;
            return true;
        }
    }
}
