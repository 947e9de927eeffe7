using System.Diagnostics.CodeAnalysis;

namespace Grid.Gateway.Overload;

/// <summary>Requests of one class that wait for a place: the newest is admitted first, the oldest is refused first.</summary>
internal sealed class WaitingLine(int maxCount)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(TaskCompletionSource<OverloadSlot?> Place, long Since)> _line = new();
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Joins the line; when it is full, the oldest leaves it.</summary>
    internal (Task<OverloadSlot?> Place, TaskCompletionSource<OverloadSlot?>? Refused) Add(long now)
    {
        // Not on the thread that frees the place: that one has its own request to end.
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

    /// <summary>Takes the newest.</summary>
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

    /// <summary>Takes the oldest if it came at or before <paramref name="since"/>.</summary>
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
