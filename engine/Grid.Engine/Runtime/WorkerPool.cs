namespace Grid.Engine.Runtime;

/// <summary>The activations of one key of a stateless worker: any that is free serves a call.</summary>
internal sealed class WorkerPool(GrainHost host, GrainKey key)
{
    private readonly Activation?[] _workers = new Activation?[host.LocalWorkers];
    private int _next;

    /// <summary>Gives the call to a free worker, to a new one while there is room, else to one after the other.</summary>
    internal void Dispatch(PendingCall call)
    {
        while (!Choose().TryEnqueue(call))
        {
        }
    }

    internal void CopyTo(List<Activation> target)
    {
        lock (_workers)
        {
            target.AddRange(_workers.OfType<Activation>());
        }
    }

    /// <summary>Takes a worker out. True when it was the last.</summary>
    internal bool Remove(Activation worker)
    {
        lock (_workers)
        {
            var index = Array.IndexOf(_workers, worker);
            if (index >= 0)
            {
                _workers[index] = null;
            }

            return Array.TrueForAll(_workers, static slot => slot is null);
        }
    }

    private Activation Choose()
    {
        lock (_workers)
        {
            var room = -1;
            for (var i = 0; i < _workers.Length; i++)
            {
                if (_workers[i] is not { IsDead: false } worker)
                {
                    room = i;
                }
                else if (worker.IsFree)
                {
                    return worker;
                }
            }

            if (room >= 0)
            {
                return _workers[room] = Activation.Create(host, key);
            }

            _next = (_next + 1) % _workers.Length;
            return _workers[_next]!;
        }
    }
}
