using Grid.Codec;

namespace Grid.Engine.Runtime;

/// <summary>
/// Drops what is idle. It walks a few partitions at each step of the clock, so that a city is visited once in a collection
/// period without a pause; under memory pressure it first finds the age that frees a tenth, and then drops what is older.
/// </summary>
internal sealed class Collector
{
    private const double FreedUnderPressure = 0.10;

    // A type is visited about so often in its age: every minute would be waste where the age is a day.
    private const int RoundsPerAge = 20;

    // Ages are counted in buckets of powers of two of the clock's step.
    private const int AgeBuckets = 32;

    private readonly GrainEngine _engine;
    private readonly List<Activation> _batch = [];
    private readonly int _periodSteps;
    private int _partition;
    private int _round;
    private int _lastStep;
    private int _pressureAge = int.MaxValue;
    private int _lastPressureCheck;
    private int _sweptAtCollection = -1;

    internal Collector(GrainEngine engine)
    {
        _engine = engine;
        _periodSteps = Math.Max(1, engine.Clock.StepsIn(engine.Options.CollectionPeriod));
    }

    /// <summary>How large the managed heap was after the last collection; tests put their own figure here.</summary>
    internal Func<long> MemoryInUse { get; set; } = static () => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes;

    internal void Step(int now)
    {
        if (_engine.IsRefusing)
        {
            return;
        }

        CheckMemory(now);
        var steps = Math.Min(_periodSteps, now - _lastStep);
        _lastStep = now;
        var partitions = (int)Math.Min(Partitions.Count, ((long)steps * Partitions.Count + _periodSteps - 1) / _periodSteps);
        for (; partitions > 0; partitions--)
        {
            _partition = (_partition + 1) % Partitions.Count;
            _round += _partition == 0 ? 1 : 0;
            Sweep(_partition, now);
        }
    }

    /// <summary>Drops everything; says how many activations were left when the time was up.</summary>
    internal async Task<int> DrainAsync(CancellationToken limit)
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo shuts down.");
        for (var left = TellAll(reason); left.Count > 0; left = TellAll(reason))
        {
            // A grain that was still at work may have woken another: hence the loop.
            foreach (var activation in left)
            {
                try
                {
                    await activation.Deactivated.WaitAsync(limit);
                }
                catch (OperationCanceledException)
                {
                    return left.Count(static activation => !activation.IsDead);
                }
            }
        }

        return 0;
    }

    // Drops what is idle at once; returns what must be waited for.
    private List<Activation> TellAll(DeactivationReason reason)
    {
        var left = new List<Activation>();
        foreach (var activation in All())
        {
            if (!activation.TryCollect(int.MaxValue, reason) || !activation.IsDead)
            {
                activation.Deactivate(reason);
                left.Add(activation);
            }
        }

        return left;
    }

    private List<Activation> All()
    {
        var all = new List<Activation>();
        foreach (var host in _engine.Hosts)
        {
            all.AddRange(host.Workers());
            for (var partition = 0; partition < Partitions.Count; partition++)
            {
                host.CopyTo(partition, all);
            }
        }

        return all;
    }

    private void Sweep(int partition, int now)
    {
        foreach (var host in _engine.Hosts)
        {
            if (partition > 0 && host.Table.Peek(partition) is null)
            {
                continue;
            }

            var age = host.Class.KeepAlive ? int.MaxValue : AgeOf(host);
            var limit = Math.Min(age, host.Class.KeepAlive ? int.MaxValue : _pressureAge);
            var isDue = limit < age || _round % Math.Max(1, age / _periodSteps / RoundsPerAge) == 0;
            if (limit == int.MaxValue || !isDue)
            {
                continue;
            }

            _batch.Clear();
            host.CopyTo(partition, _batch);
            if (partition == 0)
            {
                _batch.AddRange(host.Workers());
            }

            var reason = limit < age
                ? new DeactivationReason(DeactivationReasonCode.HighMemoryPressure, "Memory is short and it was idle for long.")
                : new DeactivationReason(DeactivationReasonCode.ActivationIdle, "It was idle for its collection age.");
            var collected = 0;
            foreach (var activation in _batch)
            {
                if (now - activation.LastUsed > limit && activation.TryCollect(now, reason))
                {
                    collected++;
                }
            }

            if (collected > 0)
            {
                _engine.Metrics.Collected(host, collected);
            }
        }

        _batch.Clear();
    }

    private int AgeOf(GrainHost host)
    {
        var age = _engine.Options.CollectionAgeOf(host.Class.TypeName);
        return age == Timeout.InfiniteTimeSpan ? int.MaxValue : _engine.Clock.StepsIn(age);
    }

    private void CheckMemory(int now)
    {
        var limit = _engine.Options.MemoryLimitBytes;
        if (limit == 0 || now - _lastPressureCheck < _engine.Clock.StepsIn(TimeSpan.FromSeconds(1)))
        {
            return;
        }

        _lastPressureCheck = now;
        if (_sweptAtCollection == GC.CollectionCount(GC.MaxGeneration))
        {
            // What was dropped is still counted until the garbage collector has been through.
            return;
        }

        if (MemoryInUse() <= limit)
        {
            return;
        }

        _pressureAge = AgeThatFrees(now);
        for (var partition = 0; partition < Partitions.Count; partition++)
        {
            Sweep(partition, now);
        }

        _pressureAge = int.MaxValue;
        _sweptAtCollection = GC.CollectionCount(GC.MaxGeneration);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Optimized, blocking: false);
    }

    // The greatest age such that at least a tenth of all activations are older.
    private int AgeThatFrees(int now)
    {
        var counts = new int[AgeBuckets];
        var total = 0;
        foreach (var activation in All())
        {
            counts[Bucket(now - activation.LastUsed)]++;
            total++;
        }

        var older = 0;
        for (var bucket = AgeBuckets - 1; bucket > 0; bucket--)
        {
            older += counts[bucket];
            if (older > 0 && older >= total * FreedUnderPressure)
            {
                return (1 << (bucket - 1)) - 1;
            }
        }

        return 0;
    }

    private static int Bucket(int age) => age <= 0 ? 0 : Math.Min(AgeBuckets - 1, 1 + int.Log2(age));
}
