using System.Diagnostics.CodeAnalysis;

namespace Grid.Gateway.Overload;

/// <summary>Requests that wait to be let in: the last one first, and out at the other end when they waited too long.</summary>
internal sealed class WaitingLine(int countMax)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(TaskCompletionSource<int?> Place, long Since)> _line = new();
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Joins the line; who has waited longest leaves it when it is full.</summary>
    internal (Task<int?> Place, TaskCompletionSource<int?>? Refused) Add(long now)
    {
        // Not on the thread that frees the place: that one has its own request to end.
        var place = new TaskCompletionSource<int?>(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<int?>? refused = null;
        lock (_gate)
        {
            if (_count == countMax)
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

    internal bool TryTakeLast([NotNullWhen(true)] out TaskCompletionSource<int?>? place)
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

    /// <summary>Takes out who came first, if that was at or before <paramref name="since"/>.</summary>
    internal bool TryTakeFirst(long since, [NotNullWhen(true)] out TaskCompletionSource<int?>? place)
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
