using Grid.Engine.Cluster;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;
using Grid.Silo.Cluster;
using Grid.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Simulation;

/// <summary>One life of a silo of a cluster, which hosts a gateway too: the real node, router, sessions, engine and grains.</summary>
internal sealed class SimClusterSilo : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly SimNetwork _network;
    private readonly ClusterRouter _router;
    private readonly ClusterNode _node;
    private readonly SimUnits _units;

    internal SimClusterSilo(SimProcess process, SimDisk disk, SimWire wire, SimRegistry registry, string machine, SiloAddress address)
    {
        Process = process;
        process.IsCutOff = () => wire.IsCut(machine, SimWire.Store);
        var store = new SimStore(disk, process);
        _units = new SimUnits(store, process);
        var gate = new LeaseGate(process.Clock);
        _network = new SimNetwork(wire, process, machine);
        _router = new ClusterRouter(process.Clock, new RouterOptions(), gate);
        var services = new SimServices(process, store);
        services.Add(gate);
        services.Add<IGrainRouter>(_router);
        Engine = new GrainEngine(services, SimServices.EngineOptions(disk.Random, SimRun.ClusterTimeout));
        _network.Serve(Engine);
        wire.Listen(address, _network);
        IUnitTenant[] tenants =
        [
            new UnitWarmup(store, Engine, Options.Create(new SiloOptions()), process.Clock, NullLogger<UnitWarmup>.Instance),
            new UnitPendingWork(new PendingWork(store, Engine, process.Clock, NullLogger<PendingWork>.Instance)),
        ];
        _node = new ClusterNode(
            new ClusterNodeOptions { Name = machine, Address = address }, new SimMembership(registry, wire, process, machine),
            _network, _units, tenants, _router, Engine, process.Clock, new SimLogger(process));
    }

    internal SimProcess Process { get; }

    internal GrainEngine Engine { get; }

    /// <summary>Whether it serves what it owns.</summary>
    internal bool IsReady => Process is { IsAlive: true, IsFrozen: false } && _node.IsReady;

    internal void Start(Entrance entrance) => Process.Start(() => _ = StartAsync(entrance));

    /// <summary>Leaves as the host would on SIGTERM; then the process is over.</summary>
    internal void Stop() => Process.Start(() => _ = StopAsync());

    /// <inheritdoc/>
    public void Dispose()
    {
        _node.Dispose();
        _router.Dispose();
        Engine.Dispose();
        _stopping.Dispose();
    }

    private async Task StartAsync(Entrance entrance)
    {
        Engine.Start();
        try
        {
            await _node.StartAsync(_stopping.Token);
            entrance.Open(Process, Engine);
        }
        catch (MembershipException)
        {
            // The operator's supervisor starts it again.
            Process.Crash();
        }
    }

    private async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15), Process.Clock);
        await _node.LeaveAsync(limit.Token);
        _network.Stop();
        while (_network.IsBusy && !limit.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Process.Clock);
        await Engine.StopAsync(CancellationToken.None);
        Process.Crash();
    }
}

/// <summary>One life of a gateway without grains: a client of the cluster.</summary>
internal sealed class SimGateway : IDisposable
{
    private readonly ClusterRouter _router;
    private readonly ClusterClient _client;

    internal SimGateway(SimProcess process, SimDisk disk, SimWire wire, SimRegistry registry, string machine)
    {
        Process = process;
        var network = new SimNetwork(wire, process, machine);
        network.Serve(null);
        _router = new ClusterRouter(process.Clock, new RouterOptions());
        var services = new SimServices(process, null);
        services.Add<IGrainRouter>(_router);
        Engine = new GrainEngine(services, SimServices.EngineOptions(disk.Random, SimRun.ClusterTimeout));
        _client = new ClusterClient(
            new SimMembership(registry, wire, process, machine), network, _router, Engine, new ClusterTimes().Beat,
            process.Clock, new SimLogger(process));
    }

    internal SimProcess Process { get; }

    internal GrainEngine Engine { get; }

    internal void Start(Entrance entrance) => Process.Start(() =>
    {
        Engine.Start();
        _ = _client.StartAsync();
        entrance.Open(Process, Engine);
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _router.Dispose();
        Engine.Dispose();
    }
}
