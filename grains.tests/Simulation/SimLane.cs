namespace Grid.Tests.Simulation;

/// <summary>
/// The writer of one unit in one process. It writes in groups, one transaction each. In a file store a transaction dies
/// with the process; a database server still commits what it has received.
/// </summary>
internal sealed class SimLane
{
    private const int MaxGroup = 16;
    private const int MaxQueue = 400;

    // As StoreOptions.WriteTimeout and its watch.
    internal static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(1.5);

    private readonly SimDisk _disk;
    private readonly SimDisk.Unit _unit;
    private readonly Queue<SimWrite> _waiting = new();
    private List<SimWrite>? _group;
    private bool _stalled;
    private TaskCompletionSource? _idle;

    internal SimLane(SimDisk disk, SimDisk.Unit unit, SimProcess process)
    {
        _disk = disk;
        _unit = unit;
        Process = process;
    }

    internal SimProcess Process { get; }

    private SimWorld World => _disk.World;

    /// <summary>Queues a write for the next group.</summary>
    /// <exception cref="StoreException">The write was refused: nothing is written.</exception>
    internal void Enqueue(SimWrite write)
    {
        if (_stalled)
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                "The simulated store does not answer; nothing was written."
            );
        if (_waiting.Count >= MaxQueue)
            throw new StoreException(
                StoreErrorCodes.Overloaded,
                "Too much waits for the simulated store; nothing was written."
            );
        _waiting.Enqueue(write);
        Watch(write);
        if (_group is null)
            Begin();
    }

    // Fails overdue writes with an unknown outcome, as the watch of the real store does. Queued ones are not written.
    private void Watch(SimWrite write) =>
        World.After(Process.Until(Process.Local + WriteTimeout.Ticks) + _disk.Random.Ticks(0, 100), Process, () =>
        {
            write.IsGivenUp = true;
            write.Answer(
                new StoreException(
                    StoreErrorCodes.Unavailable,
                    "The simulated store has not answered; the outcome is unknown."
                )
            );
        });

    /// <summary>Completes when the queue is empty.</summary>
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
        while (group.Count < MaxGroup && _waiting.TryDequeue(out var write))
        {
            if (!write.IsGivenUp)
                group.Add(write);
        }

        _group = group;
        Watch(group);
        World.After(0, Process, () => Open(group));
    }

    // Starts a transaction.
    private void Open(List<SimWrite> group)
    {
        if (!_disk.Rules.CommitsBeforeAnswers)
            Answer(group, null);
        var weather = _disk.Weather;
        var latency =
            _disk.Random.Ticks(weather.CommitMs * 0.2, weather.CommitMs)
            + (_disk.Random.Chance(weather.SlowDisk) ? _disk.Random.Ticks(50, 800) : 0);
        var moment = Math.Max(World.Now + latency, _disk.StalledUntil + _disk.Random.Ticks(0, 1));
        // A server continues without its client; the writer of a file is a thread of the process.
        World.After(moment - World.Now, weather.IsServer ? null : Process, () => Commit(group));
    }

    private void Commit(List<SimWrite> group)
    {
        var weather = _disk.Weather;
        if (weather.IsServer && Process.IsCutOff())
        {
            // Sent data arrives once the network is back, even if late.
            World.After(_disk.Random.Ticks(20, 200), null, () => Commit(group));
            return;
        }

        var random = _disk.Random;
        StoreException? failure = null;
        if (random.Chance(weather.CommitFails))
            failure = new StoreException(StoreErrorCodes.Unavailable, "The simulated commit broke off.");
        if (failure is null && random.Chance(weather.DiskFull))
            failure = new StoreException(StoreErrorCodes.Full, "The simulated disk is full.");
        if (failure is null)
        {
            foreach (var write in group)
                write.Apply(_unit, _disk.Rules);
            _disk.Committed(_unit, group.Count);
            if (random.Chance(weather.CommitUnknown))
                failure = new StoreException(
                    StoreErrorCodes.Unavailable,
                    "The simulated commit was made, and nobody knows."
                );
        }

        World.Log.Say($"{Process.Name} commits {group.Count} to unit {_unit.Number}: {failure?.Message ?? "done"}");
        if (weather.IsServer)
            World.After(random.Ticks(0.05, 0.3), Process, () => End(group, failure));
        else
            End(group, failure);
    }

    private void End(List<SimWrite> group, StoreException? failure)
    {
        _stalled = false;
        Answer(group, failure);
        Begin();
    }

    private static void Answer(List<SimWrite> group, StoreException? failure)
    {
        foreach (var write in group)
            write.Answer(failure);
    }

    // While a group takes this long, new writes are refused.
    private void Watch(List<SimWrite> group) =>
        World.After(Process.Until(Process.Local + WriteTimeout.Ticks), Process, () =>
            _stalled |= ReferenceEquals(_group, group)
        );
}
