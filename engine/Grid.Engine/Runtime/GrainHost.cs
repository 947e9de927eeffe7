using System.Collections.Concurrent;
using Grid.Codec;

namespace Grid.Engine.Runtime;

/// <summary>All grains of one type in one engine.</summary>
public sealed partial class GrainHost
{
    internal readonly GrainEngine Engine;
    internal readonly GrainType Type;
    internal readonly uint TypeId;
    internal readonly GrainClass Class;
    internal readonly ActivationTable Table = new();
    internal readonly IIncomingGrainCallFilter[] Filters;
    internal readonly KeyValuePair<string, object?> Tag;
    internal readonly bool HasOnActivate;
    internal readonly bool HasOnDeactivate;
    internal readonly bool NeedsDeactivation;
    internal readonly int LocalWorkers;
    internal readonly int MaxWaitingCalls;

    /// <summary>Shut while this silo may not answer for what it has in memory; null where it stands alone.</summary>
    internal readonly LeaseGate? Gate;

    /// <summary>Whether a call may take the turn on its caller's stack.</summary>
    internal readonly bool IsDirect;

    private readonly ConcurrentDictionary<GrainKey, WorkerPool>? _pools;
    private readonly Lazy<GrainActivator> _activator;
    private long _queuedTurns;

    internal GrainHost(GrainEngine engine, GrainClass grain, IIncomingGrainCallFilter[] filters, int maxWaitingCalls)
    {
        Engine = engine;
        Gate = engine.Gate;
        Class = grain;
        Type = GrainType.Create(grain.TypeName);
        TypeId = Wire.GrainTypeIds.Of(grain.TypeName);
        Tag = new("grid.grain.type", grain.TypeName);
        Filters = filters;
        HasOnActivate = grain.HasOnActivate;
        HasOnDeactivate = grain.HasOnDeactivate;
        NeedsDeactivation = HasOnDeactivate
            || typeof(IDisposable).IsAssignableFrom(grain.Class) || typeof(IAsyncDisposable).IsAssignableFrom(grain.Class);
        LocalWorkers = grain.LocalWorkers < 0 ? Environment.ProcessorCount : grain.LocalWorkers;
        MaxWaitingCalls = maxWaitingCalls;
        if (LocalWorkers > 0)
        {
            _pools = new();
        }

        var filtersItself = typeof(IIncomingGrainCallFilter).IsAssignableFrom(grain.Class);
        if (filtersItself && filters.Length == 0)
        {
            Filters = [PassOn.Instance];
        }

        IsDirect = LocalWorkers == 0 && Filters.Length == 0;
        _activator = new(() => grain.Activator(new GrainServices(engine.Services, grain.TypeName)));
    }

    internal GrainActivator Activator => _activator.Value;

    internal int ActivationCount => _pools is null ? Table.Count : Workers().Count;

    internal long TurnCount => Table.Turns + Volatile.Read(ref _queuedTurns);

    internal void CountTurn() => Interlocked.Increment(ref _queuedTurns);

    /// <summary>Brings a prepared call to its activation, to another silo, or to its end.</summary>
    internal void Dispatch(PendingCall call)
    {
        if (Engine.IsRefusing && call.Caller is null)
        {
            if (call.IsInbound)
            {
                call.Disown();
                return;
            }

            Engine.Metrics.Rejected(RejectionReason.ShuttingDown);
            call.SetException(new Hosting.GrainUnavailableException($"The silo shuts down; {call.Method} of {call.GrainId} was refused."));
            call.ReleaseByActivation();
            return;
        }

        if (_pools is not null)
        {
            _pools.GetOrAdd(call.Key, static (key, host) => new WorkerPool(host, key), this).Dispatch(call);
            return;
        }

        do
        {
            if (Engine.Router.Route(call.Key.Partition) is { } elsewhere)
            {
                if (call.IsInbound && elsewhere.IsElsewhere)
                {
                    call.Disown();
                }
                else
                {
                    elsewhere.Send(call);
                }

                return;
            }
        }
        while (!TryDispatchHere(call));
    }

    /// <summary>Brings a call to its activation in this silo; false when its partition is closed.</summary>
    internal bool TryDispatchHere(PendingCall call)
    {
        while (FindOrAdd(call.Key) is { } activation)
        {
            if (activation.TryEnqueue(call))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes an activation from a state that was read already; false when there is one, or may have been since the mark.</summary>
    internal bool Preload(in GrainKey key, StateSeed seed, long mark)
    {
        var stripe = Table.StripeOf(key.Partition);
        Activation made;
        lock (stripe)
        {
            if (stripe.Find(key) is not null || stripe.LastDeparture > mark || !Engine.Partitions.IsOpen(key.Partition))
            {
                return false;
            }

            made = Activation.Create(this, key);
            made.TakeNew();
            stripe.Add(made);
        }

        made.Preload(seed);
        return true;
    }

    /// <summary>Takes an activation out of the directory. Under its stripe's lock.</summary>
    internal void Forget(Activation activation)
    {
        if (_pools is null)
        {
            var stripe = Table.StripeOf(activation.Key.Partition);
            stripe.LastDeparture = Engine.Depart();
            stripe.Remove(activation);
        }
        else if (_pools.TryGetValue(activation.Key, out var pool))
        {
            pool.Remove(activation);
        }
    }

    /// <summary>Drops all activations of a partition in which nothing goes on; copies the others.</summary>
    internal void DropIdle(int partition, List<Activation> left)
    {
        if (Table.Peek(partition) is not { } stripe)
        {
            return;
        }

        lock (stripe)
        {
            if (NeedsDeactivation)
            {
                stripe.CopyTo(left);
            }
            else
            {
                stripe.DropIdle(left);
                stripe.LastDeparture = Engine.Depart();
            }
        }
    }

    /// <summary>The activations of a partition at this moment.</summary>
    internal void CopyTo(int partition, List<Activation> target)
    {
        if (Table.Peek(partition) is { } stripe)
        {
            lock (stripe)
            {
                stripe.CopyTo(target);
            }
        }
    }

    /// <summary>The workers of all keys, if these are stateless workers.</summary>
    internal List<Activation> Workers()
    {
        var workers = new List<Activation>();
        foreach (var pool in _pools?.Values ?? [])
        {
            pool.CopyTo(workers);
        }

        return workers;
    }

    // Null when the partition is closed. The lock orders this with the closing: what was added before, the closing finds.
    private Activation? FindOrAdd(in GrainKey key)
    {
        var stripe = Table.StripeOf(key.Partition);
        lock (stripe)
        {
            if (stripe.Find(key) is { } present)
            {
                return present;
            }

            if (!Engine.Partitions.IsOpen(key.Partition))
            {
                return null;
            }

            var made = Activation.Create(this, key);
            stripe.Add(made);
            return made;
        }
    }

    // Stands in where only the grain itself filters.
    private sealed class PassOn : IIncomingGrainCallFilter
    {
        internal static readonly PassOn Instance = new();

        public Task Invoke(IIncomingGrainCallContext context) => context.Invoke();
    }
}
