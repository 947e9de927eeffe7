using System.Diagnostics.Metrics;

namespace Grid.Silo.Cluster;

/// <summary>
/// Keeps the gate open: reads the membership three times in a lease, and asks the other members when it can't be read. While Redis
/// is away for everybody the gate holds as long as every other member of this one's view answers that it has not declared it dead.
/// </summary>
/// <remarks>
/// <para>
/// A gate that has shut is opened again by a good read, or when every other member answers. A member whose process is gone may have
/// declared this silo dead before it died, so it counts only beside one that answers, and then only keeps open what is open: alone,
/// this silo can't tell Redis' outage from its own cut.
/// </para>
/// <para>
/// What remains: a member that joined through Redis after this one could last read it, and of which no gossip came; a kill that Redis
/// had acknowledged and lost, by a member that froze since and was declared dead by others; a kill by a member that died at once, seen
/// by no member that still answers; a port that refuses (a proxy) for a member that lives. Each needs two failures at once.
/// </para>
/// </remarks>
internal sealed partial class GateKeeper : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly LeasedTable _table;
    private readonly Attestor _attestor;
    private readonly IPeers _peers;
    private readonly Gate _gate;
    private readonly ClusterTimes _times;
    private readonly IClusterMembershipService _membership;
    private readonly TimeProvider _time;
    private readonly ILogger<GateKeeper> _log;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private Task _asking = Task.CompletedTask;
    private Task _refreshing = Task.CompletedTask;

    // When the last read began, here or at a member that answered, which found this silo alive.
    private long _aliveAt;
    private bool _wasOpen;

    public GateKeeper(
        LeasedTable table,
        Attestor attestor,
        IPeers peers,
        Gate gate,
        ClusterTimes times,
        IClusterMembershipService membership,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<GateKeeper> log
    )
    {
        (_table, _attestor, _peers, _gate, _times) = (table, attestor, peers, gate, times);
        (_membership, _time, _log) = (membership, time, log);
        _aliveAt = time.GetTimestamp();
        meters
            .Create("Grid.Cluster")
            .CreateObservableGauge(
                "grid.cluster.gate.open",
                () => gate.IsOpen ? 1 : 0,
                null,
                "1 while the member may answer for its grains."
            );
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle)
    {
        // After Orleans has opened the table. On until Orleans has left it: grains are handed over behind an open gate.
        lifecycle.Subscribe(nameof(GateKeeper), ServiceLifecycleStage.RuntimeGrainServices + 1, Start);
        lifecycle.Subscribe(
            nameof(GateKeeper),
            ServiceLifecycleStage.RuntimeInitialize,
            static _ => Task.CompletedTask,
            StopAsync
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>One read of the membership and, when it does not answer at once, a question to the others.</summary>
    internal async Task TurnAsync()
    {
        var begunAt = _time.GetTimestamp();
        var reading = _attestor.ReadAsync(_times.ReadLimit);
        if (!await IsDoneWithinAsync(reading, _times.AskAfter) || !IsAliveIn(await reading))
        {
            if (_asking.IsCompleted)
                _asking = AskAllAsync();
            if (!IsAliveIn(await reading))
            {
                Tell();
                return;
            }
        }

        MoveAlive(begunAt);
        if (
            (await reading)!.Version.Version is var version
            && version > _membership.CurrentSnapshot.Version.Value
            && _refreshing.IsCompleted
        )
            _refreshing = RefreshAsync(version);
        Tell();
    }

    /// <summary>Asks all others once, and holds the gate from the moment before the question if all of them vouch.</summary>
    internal async Task AskAllAsync()
    {
        var askedAt = _time.GetTimestamp();
        var answers = await Task.WhenAll(_peers.Others.Select(_peers.AskAsync));
        if (answers.Any(static answer => answer is Attestation.Refused or Attestation.Silent))
            return;
        if (answers.Contains(Attestation.Alive))
            MoveAlive(askedAt);
        if (_time.GetElapsedTime(Volatile.Read(ref _aliveAt), askedAt) >= _times.WithoutRedis)
            return;
        if (!answers.Contains(Attestation.Gone))
            _gate.Hold(askedAt, _times.Lease);
        else if (answers.Any(static answer => answer != Attestation.Gone))
            _gate.HoldOpen(askedAt, _times.Lease);
    }

    private Task Start(CancellationToken cancellation)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var begunAt = _time.GetTimestamp();
                await TurnAsync();
                if (_times.ReadPeriod - _time.GetElapsedTime(begunAt) is var rest && rest > TimeSpan.Zero)
                    await Task.Delay(rest, _time, _stopping.Token);
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo has left.
        }
    }

    private bool IsAliveIn(MembershipTableData? table) =>
        table is not null && _table.StandingIn(table, _table.Self) == TableStanding.Alive;

    private async Task<bool> IsDoneWithinAsync(Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void MoveAlive(long at)
    {
        if (at > Volatile.Read(ref _aliveAt))
            Volatile.Write(ref _aliveAt, at);
    }

    /// <summary>Orleans reads the table too, and acts on what is new.</summary>
    private async Task RefreshAsync(int version)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(ClusterTimes.OwnRefreshPeriod);
            await _membership.Refresh(new MembershipVersion(version), limit.Token);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            // The next turn tries again, and Orleans itself in its own time.
            LogRefreshFailed(_log, exception);
        }
        catch (OperationCanceledException)
        {
            // The silo leaves.
        }
    }

    private void Tell()
    {
        var isOpen = _gate.IsOpen;
        if (isOpen == _wasOpen)
            return;
        _wasOpen = isOpen;
        if (isOpen)
            LogOpen(_log);
        else if (!_gate.IsShutForEver)
            LogShut(_log, _time.GetElapsedTime(Volatile.Read(ref _aliveAt)).TotalMilliseconds);
    }

    [LoggerMessage(LogLevel.Information, "The gate is open: this member may answer for its grains")]
    private static partial void LogOpen(ILogger log);

    [LoggerMessage(
        LogLevel.Warning,
        "The gate is shut: nobody has said for {Milliseconds:F0} ms that this member is alive. Its grains answer again when the membership can be read"
    )]
    private static partial void LogShut(ILogger log, double milliseconds);

    [LoggerMessage(LogLevel.Warning, "Orleans could not read the membership")]
    private static partial void LogRefreshFailed(ILogger log, Exception exception);
}
