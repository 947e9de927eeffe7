using System.Reflection;
using Grid.Silo.Cluster;
using Grid.Silo.Pending;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Invocation;

namespace Grid.Tests.Simulation;

/// <summary>
/// One life of a cluster member: a silo with a gateway, or a gateway without grains. Grains, services and gateway parts
/// are real; the simulator replaces Orleans.
/// </summary>
internal sealed class SimMember
{
    // ExecuteAsync is protected, and since .NET 10 StartAsync runs it on the thread pool.
    private static readonly MethodInfo Execute = typeof(BackgroundService).GetMethod(
        "ExecuteAsync",
        BindingFlags.Instance | BindingFlags.NonPublic
    )!;

    private readonly Dictionary<GrainId, SimActivation> _activations = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly SimSettings _settings;
    private bool _isStopping;

    internal SimMember(
        SimCluster cluster,
        SimDisk disk,
        SimProcess process,
        string machine,
        SiloAddress address,
        SimSettings settings
    )
    {
        (Cluster, Process, Machine, Address, _settings) = (cluster, process, machine, address, settings);
        HostsGrains = SimAddresses.HostsGrains(address);
        process.IsCutOff = () => cluster.Wire.IsCut(machine, SimWire.Postgres);
        Calls = new SimCalls(this);
        var table = new SimTable(cluster.Rows, cluster.Wire, process, machine);
        // A single process has no successor for its grains.
        Guard = cluster.Setup.Silos > 1 ? new SimGuard(this, table) : null;
        Membership = new SimMembership(this, Guard is null ? table : Guard.Table);
        Membership.Fatal = () =>
        {
            if (cluster.Setup.Plant == PlantedBug.SlowFatalHandler)
            {
                process.World.After(SimTimes.SlowEnd.Ticks, null, process.Crash);
                return;
            }

            Guard?.Gate.ShutForEver();
            process.Crash();
        };
        Store = HostsGrains ? new SimStore(disk, process) : null;
        Services = new SimServices(this);
        Map = new PartitionMap(Membership, Membership, Membership);
        if (HostsGrains)
            Ownership = NewOwnership();
        Gateway = new SimGateway(this);
        cluster.Wire.Add(this);
    }

    internal SimCluster Cluster { get; }

    internal SimProcess Process { get; }

    /// <summary>The machine it runs on in every life.</summary>
    internal string Machine { get; }

    internal SiloAddress Address { get; }

    internal bool HostsGrains { get; }

    internal SimCalls Calls { get; }

    internal SimMembership Membership { get; }

    /// <summary>Stops it from answering after its lease; null for a single process.</summary>
    internal SimGuard? Guard { get; }

    /// <summary>The gate that permits answers; null without one.</summary>
    internal IGate? Gate => Filters.Length > 0 ? Guard?.Gate : null;

    internal SimStore? Store { get; }

    internal SimServices Services { get; }

    /// <summary>The partition map in this member's view.</summary>
    internal PartitionMap Map { get; }

    /// <summary>The partitions it owns; null for a gateway.</summary>
    internal PartitionOwnership? Ownership { get; }

    internal SimGateway Gateway { get; }

    /// <summary>The incoming filters of every call.</summary>
    internal IIncomingGrainCallFilter[] Filters => Guard?.Filters ?? [];

    /// <summary>The live activations in a fixed order.</summary>
    internal IReadOnlyList<SimActivation> Activations => [.. _activations.Values.OrderBy(static each => each.GrainId)];

    /// <summary>Starts. The entrance opens once the member is active.</summary>
    internal void Start(Entrance entrance) => Process.Turns.Post(() => StartAsync(entrance));

    /// <summary>Shuts down as the host does: refuses new calls, deactivates the grains, ends the process.</summary>
    internal void Stop(Entrance entrance) => Process.Turns.Post(() => StopAsync(entrance));

    /// <summary>Receives a message.</summary>
    internal void Receive(SimMessage message)
    {
        var grain = message.Call.Target;
        if (!HostsGrains || (_isStopping && !_activations.ContainsKey(grain)))
        {
            Forward(message);
            return;
        }

        Activation(grain, null).Receive(message);
    }

    /// <summary>Receives an activation that migrates from another silo.</summary>
    internal void Rehydrate(GrainId grain, SimDehydrated dehydrated)
    {
        if (HostsGrains && !_isStopping && !_activations.ContainsKey(grain))
            _ = Activation(grain, dehydrated);
    }

    /// <summary>Forwards a message that its grain could not handle.</summary>
    /// <param name="message">The message.</param>
    /// <param name="to">The silo of the grain, if known.</param>
    internal void Forward(SimMessage message, SiloAddress? to = null)
    {
        var next = message with { Hops = message.Hops + 1 };
        if (next.Hops >= SimCall.MaxHops)
            Reply(message, Response.FromException(SimCalls.Rejection("The grain could not be reached.")));
        else if (to is not null)
            Calls.Transmit(to, next);
        else
            Calls.Route(next);
    }

    /// <summary>Answers the sender of a message.</summary>
    internal void Reply(SimMessage message, Response response)
    {
        var call = message.Call;
        var sender = call.Sender;
        if (sender.Member == this)
        {
            Process.Start(() => sender.Answer(call, response));
            return;
        }

        Cluster.Wire.Send(this, sender.Member.Address, _ => sender.Answer(call, response));
    }

    internal void Remove(SimActivation activation)
    {
        if (_activations.TryGetValue(activation.GrainId, out var known) && ReferenceEquals(known, activation))
            _activations.Remove(activation.GrainId);
    }

    // Dispose the meter at once: its gauges would keep the whole world alive.
    private PartitionOwnership NewOwnership()
    {
        using var meters = new SimMeters();
        Services.Add<IOwnershipPeers>(new SimOwnershipPeers(this));
        return new PartitionOwnership(
            Map,
            Services,
            new SimContexts(),
            Options.Create(
                new OwnershipOptions
                {
                    Hold = Cluster.Setup.Silos > 1 ? Cluster.Setup.Hold : TimeSpan.Zero,
                    HandoverTimeout = SimTimes.Drain,
                }
            ),
            Process.Clock,
            meters,
            NullLogger<PartitionOwnership>.Instance
        );
    }

    private SimActivation Activation(GrainId grain, SimDehydrated? dehydrated)
    {
        if (_activations.TryGetValue(grain, out var activation))
            return activation;
        activation = new SimActivation(this, grain, dehydrated);
        _activations.Add(grain, activation);
        activation.Begin();
        return activation;
    }

    private async Task StartAsync(Entrance entrance)
    {
        await Membership.JoinAsync();
        if (Guard is { } guard)
            Process.Turns.Post(guard.KeepAsync);
        if (HostsGrains)
        {
            Process.Turns.Post(CollectForEver);
            Run(
                new PendingWork(Store!, Calls.Grains, Ownership!, Process.Clock, NullLogger<PendingWork>.Instance, Gate)
            );
            Process.Turns.Post(Ownership!.RunAsync);
        }

        entrance.Open(Process, Gateway);
    }

    private void Run(BackgroundService service) =>
        Process.Turns.Post(() => (Task)Execute.Invoke(service, [_stopping.Token])!);

    private async Task StopAsync(Entrance entrance)
    {
        entrance.Close();
        if (Ownership is { } ownership)
            await ownership.HandOverAllAsync(CancellationToken.None);
        await Membership.LeaveAsync(SiloStatus.ShuttingDown);
        _isStopping = true;
        _stopping.Cancel();
        foreach (var activation in Activations)
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, ""));
        var end = Process.Local + SimTimes.Drain.Ticks;
        while (_activations.Count > 0 && Process.Local < end)
            await Task.Delay(PartitionOwnership.Tick, Process.Clock);
        if (Store is not null)
            await Store.DrainAsync();
        await Membership.LeaveAsync(SiloStatus.Dead);
        Process.Crash();
    }

    // Deactivates idle activations, as Orleans' collector does.
    private async Task CollectForEver()
    {
        while (true)
        {
            await Task.Delay(_settings.CollectionPeriod, Process.Clock);
            foreach (var activation in Activations)
            {
                if (Process.Local - activation.CalledAt > _settings.CollectionAge.Ticks)
                    activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, ""));
            }
        }
    }
}

/// <summary>Settings of the silos of one seed.</summary>
internal sealed record SimSettings(TimeSpan CollectionAge, TimeSpan CollectionPeriod)
{
    /// <summary>In some seeds grains are deactivated within the few seconds of a run.</summary>
    internal static SimSettings Draw(SimRandom random) =>
        random.Chance(0.4)
            ? new SimSettings(
                TimeSpan.FromMilliseconds(random.Between(100, 1_000)),
                TimeSpan.FromMilliseconds(random.Between(200, 1_000))
            )
            : new SimSettings(TimeSpan.FromHours(2), TimeSpan.FromMinutes(1));
}
