using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;

namespace Grid.Silo.Cluster;

/// <summary>
/// Detects within 0.1 s that a member's process is gone. Each member keeps one idle connection to every other member.
/// When it breaks, the member reconnects; a port that refuses twice has no process behind it. The peer is then declared
/// dead, repeatedly until the table shows it. A time-out proves nothing: Orleans' probes find frozen and cut-off
/// members.
/// </summary>
internal sealed partial class PeerWatch : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly IServiceProvider _services;
    private readonly IClusterMembershipService _membership;
    private readonly LeasedTable _table;
    private readonly WatchPort _port;
    private readonly SiloAddress _self;
    private readonly Settings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<PeerWatch> _log;
    private readonly Counter<long> _killed;
    private readonly ConcurrentDictionary<SiloAddress, Peer> _peers = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public PeerWatch(
        IServiceProvider services,
        IClusterMembershipService membership,
        LeasedTable table,
        WatchPort port,
        ILocalSiloDetails self,
        Settings settings,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<PeerWatch> log
    )
    {
        (_services, _membership, _table, _port, _self) = (services, membership, table, port, self.SiloAddress);
        (_settings, _time, _log) = (settings, time, log);
        _killed = meters
            .Create("Grid.Cluster")
            .CreateCounter<long>(
                "grid.cluster.peers.killed",
                "{member}",
                "Members that this one declared dead because their process was gone."
            );
    }

    private enum Found
    {
        Nothing,
        Refused,
        Connected,
    }

    /// <summary>Whether the member's process is known to be gone.</summary>
    internal bool IsGone(SiloAddress silo) => _peers.TryGetValue(silo, out var peer) && peer.IsGone;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle)
    {
        if (!_settings.IsOn)
            return;
        // After the others know that it joins: the gate of a silo asks every member that could declare it dead.
        lifecycle.Subscribe(nameof(PeerWatch), ServiceLifecycleStage.AfterRuntimeGrainServices + 1, Start);
        lifecycle.Subscribe(nameof(PeerWatch), ServiceLifecycleStage.Active, static _ => Task.CompletedTask, StopAsync);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private Task Start(CancellationToken cancellation)
    {
        _port.Open(_settings.Port);
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    // A leaving member stops watching. Its own port stays open until the process ends.
    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var view in _membership.MembershipUpdates.WithCancellation(_stopping.Token))
            {
                foreach (var member in view.Members.Values)
                {
                    if (member.Status == SiloStatus.Active && !member.SiloAddress.Equals(_self))
                        _peers.GetOrAdd(member.SiloAddress, BeginWatch);
                }

                foreach (var silo in _peers.Keys.Where(silo => !IsMember(silo, view)))
                    _peers.TryRemove(silo, out _);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo stops.
        }

        await Task.WhenAll(_peers.Values.Select(static peer => peer.Watching));
    }

    private static bool IsMember(SiloAddress silo, ClusterMembershipSnapshot view) =>
        view.Members.TryGetValue(silo, out var member) && member.Status != SiloStatus.Dead;

    private bool IsActive(SiloAddress silo) =>
        _membership.CurrentSnapshot.Members.TryGetValue(silo, out var member) && member.Status == SiloStatus.Active;

    private Peer BeginWatch(SiloAddress silo)
    {
        var peer = new Peer(silo);
        peer.Watching = Task.Run(() => WatchAsync(peer), CancellationToken.None);
        return peer;
    }

    private async Task WatchAsync(Peer peer)
    {
        try
        {
            while (IsActive(peer.Silo))
                await WatchOnceAsync(peer);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo stops.
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Orleans' probes still detect the failure.
            LogWatchFailed(_log, exception, peer.Silo);
        }
    }

    private async Task WatchOnceAsync(Peer peer)
    {
        if (peer.Port == 0 && !await FindPortAsync(peer))
        {
            await PauseAsync(ClusterTimes.DialPause);
            return;
        }

        switch (await DialAsync(peer))
        {
            case Found.Connected:
                peer.Refusals = 0;
                break;
            // A network rule may block a port that never accepted a connection.
            case Found.Refused when !peer.WasConnected:
                if (!peer.IsLogged)
                    LogNeverConnected(_log, peer.Silo, peer.Port);
                peer.IsLogged = true;
                await PauseAsync(ClusterTimes.DialPause);
                break;
            case Found.Refused when ++peer.Refusals < 2:
                await PauseAsync(ClusterTimes.RefusalPause);
                break;
            case Found.Refused:
                peer.IsGone = true;
                await KillAsync(peer);
                break;
            default:
                peer.Refusals = 0;
                await PauseAsync(ClusterTimes.DialPause);
                break;
        }
    }

    private async Task<bool> FindPortAsync(Peer peer)
    {
        try
        {
            peer.Port = await _services.GetRequiredService<Peers>().WatchPortAsync(peer.Silo);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            // The peer is starting or already gone; Orleans' probes detect the latter.
        }

        return peer.Port != 0;
    }

    /// <summary>Connects, and returns when the connection breaks or why it failed.</summary>
    private async Task<Found> DialAsync(Peer peer)
    {
        using var socket = new Socket(peer.Silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(ClusterTimes.DialPause);
        var isGreeted = false;
        try
        {
            await socket.ConnectAsync(new IPEndPoint(peer.Silo.Endpoint.Address, peer.Port), limit.Token);
            var greeting = new byte[WatchPort.GreetingBytes];
            var length = 0;
            while (
                length < greeting.Length
                && await socket.ReceiveAsync(greeting.AsMemory(length), limit.Token) is > 0 and var count
            )
                length += count;
            if (length < greeting.Length)
                return Found.Nothing;
            // Another process uses the port: the peer's process is gone.
            if (BinaryPrimitives.ReadInt32LittleEndian(greeting) != peer.Silo.Generation)
                return peer.WasConnected ? Found.Refused : Found.Nothing;
            isGreeted = peer.WasConnected = true;
            // The peer sends nothing: the call returns when the peer's process ends.
            await socket.ReceiveAsync(greeting.AsMemory(), _stopping.Token);
            return Found.Connected;
        }
        catch (SocketException exception)
        {
            return isGreeted ? Found.Connected
                : exception.SocketErrorCode == SocketError.ConnectionRefused ? Found.Refused
                : Found.Nothing;
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return Found.Nothing;
        }
    }

    private async Task KillAsync(Peer peer)
    {
        LogGone(_log, peer.Silo);
        _killed.Add(1);
        while (IsActive(peer.Silo))
        {
            // Orleans retries failed attempts after growing pauses, so none is made while the table is unavailable.
            if (_table.IsFresh)
                await _membership.TryKill(peer.Silo);
            await PauseAsync(ClusterTimes.KillPause);
        }
    }

    private Task PauseAsync(TimeSpan pause) => Task.Delay(pause, _time, _stopping.Token);

    [LoggerMessage(
        LogLevel.Warning,
        "The process of member {Silo} is gone: its port refuses connections. Declaring it dead"
    )]
    private static partial void LogGone(ILogger log, SiloAddress silo);

    [LoggerMessage(
        LogLevel.Warning,
        "Member {Silo} refuses watch connections on port {Port}: check that members can reach the port. "
            + "Until then a crash of the member is noticed two seconds later"
    )]
    private static partial void LogNeverConnected(ILogger log, SiloAddress silo, int port);

    [LoggerMessage(LogLevel.Error, "Stopped watching member {Silo}")]
    private static partial void LogWatchFailed(ILogger log, Exception exception, SiloAddress silo);

    /// <summary>The operator's settings.</summary>
    internal sealed record Settings(bool IsOn, int Port);

    private sealed class Peer(SiloAddress silo)
    {
        private volatile bool _isGone;

        internal SiloAddress Silo => silo;

        internal Task Watching { get; set; } = Task.CompletedTask;

        internal int Port { get; set; }

        internal int Refusals { get; set; }

        internal bool WasConnected { get; set; }

        internal bool IsLogged { get; set; }

        internal bool IsGone
        {
            get => _isGone;
            set => _isGone = value;
        }
    }
}
