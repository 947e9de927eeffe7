using System.Diagnostics.Metrics;
using System.Net;
using Grid.Engine.Cluster;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Engine.Hosting;

/// <summary>How a process stands in its cluster.</summary>
public interface IClusterStatus
{
    /// <summary>
    /// Of a silo: it is a member with a valid lease and serves every unit that it owns. Of a gateway: it knows a living owner of
    /// every unit.
    /// </summary>
    bool IsReady { get; }

    /// <summary>Units that this process serves; 0 for a gateway.</summary>
    int OpenUnits { get; }

    /// <summary>The newest view that the process knows; null before the first.</summary>
    ClusterView? View { get; }

    /// <summary>Where this process listens for silos and gateways; null for a gateway.</summary>
    SiloAddress? Address { get; }
}

/// <summary>Brings the process into its cluster when the host starts, and out of it when the host stops.</summary>
internal sealed class ClusterService : IHostedService, IClusterStatus, IAsyncDisposable
{
    private readonly ClusterProcessOptions _options;
    private readonly IServiceProvider _services;
    private readonly GrainEngine _engine;
    private readonly ClusterRouter _router;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SocketNetwork _network;
    private readonly ClusterMetrics _metrics;
    private ClusterNode? _node;
    private ClusterClient? _client;

    public ClusterService(
        ClusterProcessOptions options, GrainEngine engine, ClusterRouter router, TimeProvider time, ILoggerFactory logs, IServiceProvider services)
    {
        _options = options;
        _services = services;
        _engine = engine;
        _router = router;
        _time = time;
        _log = logs.CreateLogger("Grid.Engine.Cluster");
        var meters = services.GetService<IMeterFactory>();
        _metrics = new ClusterMetrics(meters, () => View?.Members.Length, () => _node?.LeasesLost ?? 0, () => OpenUnits, () => router.WaitingCalls);
        options.Wire.Grid = options.Grid?.Invoke(services) ?? options.Wire.Grid;
        _network = new SocketNetwork(
            options.Wire, time, logs.CreateLogger("Grid.Engine.Wire"), options.Listen is null ? null : engine, meters);
    }

    public bool IsReady => _node?.IsReady ?? _client?.IsReady ?? false;

    public int OpenUnits => _node?.OpenUnits ?? 0;

    public ClusterView? View => _node?.View ?? _client?.View;

    public SiloAddress? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var membership = _services.GetRequiredService<IMembershipStore>();
        if (_options.Listen is not { } endpoint)
        {
            _client = new ClusterClient(membership, _network, _router, _engine, _options.Times.Beat, _time, _log, _options.Times.Lease);
            await _client.StartAsync();
            return;
        }

        var bound = _network.Listen(endpoint);
        var address = new SiloAddress(_options.Host ?? bound.Address.ToString(), bound.Port);
        Address = address;
        var node = new ClusterNodeOptions(_options.Times)
        {
            Address = address,
            Name = _options.Name ?? $"{address.Host}-{address.Port}",
            ProtocolMin = WireProtocol.Oldest,
            ProtocolMax = WireProtocol.Newest,
        };
        _node = new ClusterNode(
            node, membership, _network, _services.GetRequiredService<IUnitStore>(), [.. _services.GetServices<IUnitTenant>()], _router, _engine, _time, _log,
            _metrics);
        await _node.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_node is { } node)
        {
            using var limit = new CancellationTokenSource(_options.LeaveTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await node.LeaveAsync(either.Token);
            await _network.StopAsync(either.Token);
        }

        _client?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _node?.Dispose();
        _client?.Dispose();
        _metrics.Dispose();
        await _network.DisposeAsync();
    }
}
