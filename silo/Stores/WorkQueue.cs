namespace Grid.Silo.Stores;

/// <summary>What waits for a lane: bounded by rows, many producers, one consumer.</summary>
internal sealed class WorkQueue<TWork>(int maxRows)
    where TWork : StoreWork
{
    private readonly object _gate = new();
    private readonly Queue<TWork> _waiting = new();
    private int _rows;
    private bool _consumerWaits;
    private int _gathersFor;
    private bool _closed;

    /// <summary>Rows that wait.</summary>
    internal int Rows => Volatile.Read(ref _rows);

    /// <summary>Adds at the end; false when the queue is full or closed.</summary>
    internal bool TryAdd(TWork work)
    {
        lock (_gate)
        {
            // A work larger than the whole queue is let in when nothing waits; it could never be written otherwise.
            if (_closed || (_rows > 0 && _rows + work.Rows > maxRows))
                return false;
            _rows += work.Rows;
            _waiting.Enqueue(work);
            if (_consumerWaits || (_gathersFor > 0 && _rows >= _gathersFor))
            {
                _gathersFor = 0;
                Monitor.Pulse(_gate);
            }
        }

        return true;
    }

    /// <summary>Waits for work and takes as much as fits a group, at least one; false when closed and empty.</summary>
    /// <param name="group">Takes it.</param>
    /// <param name="maxGroupRows">Rows of a group at the most.</param>
    /// <param name="gatherMs">How long more is waited for while there are fewer rows than <paramref name="enoughRows"/>; 0 for not at all.</param>
    /// <param name="enoughRows">Rows that are not made to wait for company.</param>
    internal bool Take(List<TWork> group, int maxGroupRows, int gatherMs, int enoughRows)
    {
        lock (_gate)
        {
            do
            {
                while (_waiting.Count == 0)
                {
                    if (_closed)
                        return false;
                    _consumerWaits = true;
                    Monitor.Wait(_gate);
                    _consumerWaits = false;
                }

                if (gatherMs > 0 && _rows < enoughRows && !_closed)
                {
                    _gathersFor = enoughRows;
                    Monitor.Wait(_gate, gatherMs);
                    _gathersFor = 0;
                }
            }
            // What gathered may have been given up meanwhile.
            while (_waiting.Count == 0);

            var rows = 0;
            while (_waiting.TryPeek(out var next) && (rows == 0 || rows + next.Rows <= maxGroupRows))
            {
                rows += next.Rows;
                group.Add(_waiting.Dequeue());
            }

            _rows -= rows;
        }

        return true;
    }

    /// <summary>Takes out what was queued before a moment.</summary>
    internal void Expire(long before, List<TWork> expired)
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var next) && next.QueuedAt < before)
            {
                _rows -= next.Rows;
                expired.Add(_waiting.Dequeue());
            }
        }
    }

    /// <summary>Lets nothing more in; the consumer ends when the rest is taken.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
