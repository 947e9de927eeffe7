using Grid.Silo.Stores;

namespace Grid.Tests.Simulation;

/// <summary>
/// The writer of one unit in one process: what waits is written in groups, a transaction each. In a store of files the
/// transaction holds the file's lock from its beginning and dies with the process; a server commits what has reached it.
/// </summary>
internal sealed class SimLane
{
    private const int GroupMax = 16;
    private const int QueueMax = 400;

    // As StoreOptions.WriteTimeout and its watch.
    private static readonly TimeSpan s_writeTimeout = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_lockPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_busyTimeout = TimeSpan.FromSeconds(1);

    private readonly SimDisk _disk;
    private readonly SimDisk.Unit _unit;
    private readonly Action _fenced;
    private readonly Queue<SimWrite> _waiting = new();
    private List<SimWrite>? _group;
    private bool _stalled;
    private TaskCompletionSource? _idle;

    internal SimLane(SimDisk disk, SimDisk.Unit unit, SimProcess process, long epoch, Action fenced)
    {
        _fenced = fenced;
        _disk = disk;
        _unit = unit;
        Process = process;
        Epoch = epoch;
    }

    internal SimProcess Process { get; }

    internal long Epoch { get; }

    private SimWorld World => _disk.World;

    /// <summary>Queues a write for the next group.</summary>
    /// <exception cref="StoreException">It was refused: nothing is written.</exception>
    internal void Enqueue(SimWrite write)
    {
        if (_stalled)
            throw new StoreException(StoreFaults.Unavailable, "The simulated store does not answer; nothing was written.");
        if (_waiting.Count >= QueueMax)
            throw new StoreException(StoreFaults.Overloaded, "Too much waits for the simulated store; nothing was written.");
        write.QueuedAt = Process.Local;
        _waiting.Enqueue(write);
        if (_group is null)
            Begin();
    }

    /// <summary>Completes when nothing waits any more.</summary>
    internal Task DrainAsync() => _group is null ? Task.CompletedTask : (_idle ??= new TaskCompletionSource()).Task;

    private void Begin()
    {
        if (_waiting.Count == 0)
        {
            _group = null;
            _idle?.TrySetResult();
            return;
        }

        var group = new List<SimWrite>();
        while (group.Count < GroupMax && _waiting.TryDequeue(out var write))
            group.Add(write);
        _group = group;
        Watch(group);
        World.After(0, Process, () => Open(group, Process.Local + s_busyTimeout.Ticks));
    }

    // Takes the lock of the file, and finds out whether it is still this owner's.
    private void Open(List<SimWrite> group, long patience)
    {
        if (!_disk.Weather.IsServer)
        {
            if (_unit.IsWrittenBy(this))
            {
                if (Process.Local < patience)
                    World.After(s_lockPause.Ticks, Process, () => Open(group, patience));
                else
                    End(group, new StoreException(StoreFaults.Unavailable, "The simulated file is locked."));
                return;
            }

            if (Fence() is { } fenced)
            {
                End(group, fenced);
                return;
            }

            _unit.Writing = this;
        }

        if (!_disk.Rules.CommitsBeforeAnswers)
            Answer(group, null);
        var weather = _disk.Weather;
        var latency = _disk.Random.Ticks(weather.CommitMs * 0.2, weather.CommitMs)
            + (_disk.Random.Chance(weather.SlowDisk) ? _disk.Random.Ticks(50, 800) : 0);
        var moment = Math.Max(World.Now + latency, _disk.StalledUntil + _disk.Random.Ticks(0, 1));
        // A server goes on without its caller; a file's writer is a thread of the process.
        World.After(moment - World.Now, weather.IsServer ? null : Process, () => Commit(group));
    }

    private void Commit(List<SimWrite> group)
    {
        var weather = _disk.Weather;
        if (weather.IsServer && Process.IsCutOff())
        {
            // What was sent arrives when the way is there again, however late that is.
            World.After(_disk.Random.Ticks(20, 200), null, () => Commit(group));
            return;
        }

        var random = _disk.Random;
        if (ReferenceEquals(_unit.Writing, this))
            _unit.Writing = null;
        StoreException? fault = null;
        if (weather.IsServer)
            fault = Fence();
        if (fault is null && random.Chance(weather.CommitFails))
            fault = new StoreException(StoreFaults.Unavailable, "The simulated commit broke off.");
        if (fault is null && random.Chance(weather.DiskFull))
            fault = new StoreException(StoreFaults.Full, "The simulated disk is full.");
        if (fault is null)
        {
            foreach (var write in group)
                write.Apply(_unit, _disk.Rules);
            _disk.Committed(_unit, Epoch, Process.Name);
            if (random.Chance(weather.CommitUnknown))
                fault = new StoreException(StoreFaults.Unavailable, "The simulated commit was made, and nobody knows.");
        }

        World.Log.Say($"{Process.Name} commits {group.Count} to unit {_unit.Number} under {Epoch}: {fault?.Message ?? "done"}");
        if (weather.IsServer)
            World.After(random.Ticks(0.05, 0.3), Process, () => End(group, fault));
        else
            End(group, fault);
    }

    private StoreException? Fence() => _disk.Rules.ChecksEpochs && _unit.Epoch != Epoch
        ? new StoreException(StoreFaults.Fenced, $"The simulated unit belongs to epoch {_unit.Epoch}; this owner's is {Epoch}.")
        : null;

    private void End(List<SimWrite> group, StoreException? fault)
    {
        _stalled = false;
        Answer(group, fault);
        if (fault?.Code == StoreFaults.Fenced)
            _fenced();
        Begin();
    }

    private static void Answer(List<SimWrite> group, StoreException? fault)
    {
        foreach (var write in group)
            write.Answer(fault);
    }

    // Tells those who have waited too long that nobody knows, as the watch of the real store does.
    private void Watch(List<SimWrite> group)
    {
        World.After(Process.Until(Process.Local + s_writeTimeout.Ticks), Process, () =>
        {
            if (!ReferenceEquals(_group, group))
                return;
            _stalled = true;
            var fault = new StoreException(StoreFaults.Unavailable, "The simulated store has not answered; the outcome is unknown.");
            var before = Process.Local - s_writeTimeout.Ticks;
            while (_waiting.TryPeek(out var write) && write.QueuedAt <= before)
                _waiting.Dequeue().Answer(fault);
            Answer(group, fault);
        });
    }
}
