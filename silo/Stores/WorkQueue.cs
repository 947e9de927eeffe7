namespace Grid.Silo.Stores;

/// <summary>The queue of a lane: bounded by rows, many producers, one consumer.</summary>
internal sealed class WorkQueue<TWork>(int maxRows)
    where TWork : StoreWork
{
    private readonly object _gate = new();
    private readonly Queue<TWork> _waiting = new();
    private int _rows;
    private bool _consumerWaits;
    private int _gathersFor;
    private bool _closed;

    /// <summary>The rows in the queue.</summary>
    internal int Rows => Volatile.Read(ref _rows);

    /// <summary>Adds at the end; false if the queue is full or closed.</summary>
    internal bool TryAdd(TWork work)
    {
        lock (_gate)
        {
            // Work larger than the whole queue is accepted if the queue is empty; otherwise it could never be written.
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

    /// <summary>
    /// Waits for work and takes as much as fits a group, at least one piece; false when closed and empty.
    /// </summary>
    /// <param name="group">Receives the work.</param>
    /// <param name="maxGroupRows">Maximum rows of a group.</param>
    /// <param name="gatherMs">
    /// How long to gather while fewer than <paramref name="enoughRows"/> rows wait; 0 to not gather.
    /// </param>
    /// <param name="enoughRows">Rows at which gathering ends.</param>
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
            // The gathered work may have timed out meanwhile.
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

    /// <summary>Removes the work queued before a time.</summary>
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

    /// <summary>Rejects new work; the consumer ends after taking the rest.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
