using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>
/// What waits for an answer on one connection, by number. A number is a place and how often the place was used before, so
/// that a late answer finds nobody else's call. Guarded by the session's lock.
/// </summary>
internal sealed class CallSlots
{
    private const int FirstSlots = 64;
    private const int PlaceBits = 14;
    private const int PlaceMask = (1 << PlaceBits) - 1;
    private const int UsesMask = 0xFFFF;
    private const int None = -1;

    private Slot[] _slots = new Slot[FirstSlots];
    private int _used;
    private int _free = None;

    internal int Count { get; private set; }

    /// <summary>Adds who waits: a <see cref="PendingCall"/> or a <see cref="ControlWait"/>.</summary>
    /// <param name="waiter">Who waits.</param>
    /// <param name="returns">Who takes the call back.</param>
    /// <param name="start">Where its frame begins in the stream of this side.</param>
    /// <returns>The number; never 0.</returns>
    internal long Add(object waiter, ICallReturns? returns, long start)
    {
        int place;
        if (_free != None)
        {
            place = _free;
            _free = _slots[place].NextFree;
        }
        else
        {
            place = _used++;
            if (place == _slots.Length)
            {
                Array.Resize(ref _slots, _slots.Length * 2);
            }
        }

        Count++;
        ref var slot = ref _slots[place];
        slot.Waiter = waiter;
        slot.Returns = returns;
        slot.Start = start;
        return IdOf(place, slot.Uses);
    }

    /// <summary>Takes out who waits for this answer; false when nobody does, or not any more.</summary>
    internal bool TryTake(long id, out Slot taken)
    {
        var place = (int)((id - 1) & PlaceMask);
        if (id < 1 || place >= _used || _slots[place].Waiter is null || IdOf(place, _slots[place].Uses) != id)
        {
            taken = default;
            return false;
        }

        taken = _slots[place];
        Free(place);
        return true;
    }

    /// <summary>Takes out whose call has ended without an answer, by time-out or cancellation.</summary>
    internal void TakeEnded(List<Slot> target) => TakeWhere(target, static waiter => waiter switch
    {
        PendingCall call => call.IsEnded,
        ControlWait wait => wait.Task.IsCompleted,
        _ => true,
    });

    internal void TakeAll(List<Slot> target) => TakeWhere(target, static _ => true);

    private static long IdOf(int place, int uses) => (((long)uses << PlaceBits) | (uint)place) + 1;

    private void TakeWhere(List<Slot> target, Func<object, bool> isWanted)
    {
        for (var place = 0; place < _used; place++)
        {
            if (_slots[place].Waiter is { } waiter && isWanted(waiter))
            {
                target.Add(_slots[place]);
                Free(place);
            }
        }
    }

    private void Free(int place)
    {
        ref var slot = ref _slots[place];
        slot.Waiter = null;
        slot.Returns = null;
        slot.SentAt = 0;
        slot.Uses = (slot.Uses + 1) & UsesMask;
        slot.NextFree = _free;
        _free = place;
        Count--;
    }

    /// <summary>Notes when a sampled call was sent.</summary>
    internal void Stamp(long id, long now) => _slots[(int)((id - 1) & PlaceMask)].SentAt = now;

    internal struct Slot
    {
        internal object? Waiter;
        internal ICallReturns? Returns;
        internal long Start;
        internal long SentAt;
        internal int Uses;
        internal int NextFree;
    }
}

/// <summary>Who waits for the answer to a control message.</summary>
internal sealed class ControlWait(byte kind, ReadOnlyMemory<byte> body)
    : TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal byte Kind => kind;

    internal ReadOnlyMemory<byte> Body => body;
}
