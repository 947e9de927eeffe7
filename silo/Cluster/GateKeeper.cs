using System.Diagnostics.Metrics;

namespace Grid.Silo.Cluster;

/// <summary>
/// Keeps the gate open: reads the membership three times per lease, and asks the other members when it can't be read.
/// While Redis is unavailable for all, the gate stays open as long as every other member in this silo's view answers
/// that it has not declared this silo dead.
/// </summary>
/// <remarks>
/// <para>
/// A successful read, or an answer from every other member, reopens a gate that has shut. A member whose process is
/// gone may have declared this silo dead before it died. It therefore counts only beside a member that answers, and
/// then only keeps an open gate open: alone, this silo can't distinguish an outage of Redis from its own isolation.
/// </para>
/// <para>
/// Remaining risks, each needing two failures at once: a member that joined after this silo's last read and whose
/// gossip did not arrive; a kill that Redis acknowledged and lost, by a member that then froze and was declared dead; a
/// kill by a member that died at once, seen by no answering member; a port (of a proxy) that refuses while its member
/// lives.
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

    // When the newest read that found this silo alive started, here or on a member that answered.
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
        // Starts after Orleans opens the table, and runs until Orleans has left: grains are handed over while the gate
        // is open.
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

    /// <summary>Reads the membership once; if it does not answer at once, asks the other members.</summary>
    internal async Task TurnAsync()
    {
        var startedAt = _time.GetTimestamp();
        var reading = _attestor.ReadAsync(_times.ReadLimit);
        if (!await IsDoneWithinAsync(reading, _times.AskAfter) || !IsAliveIn(await reading))
        {
            if (_asking.IsCompleted)
                _asking = AskAllAsync();
            if (!IsAliveIn(await reading))
            {
                LogChange();
                return;
            }
        }

        MoveAlive(startedAt);
        if (
            (await reading)!.Version.Version is var version
            && version > _membership.CurrentSnapshot.Version.Value
            && _refreshing.IsCompleted
        )
            _refreshing = RefreshAsync(version);
        LogChange();
    }

    /// <summary>
    /// Asks all other members once. If all vouch, the gate is extended from the moment before the question.
    /// </summary>
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
                var startedAt = _time.GetTimestamp();
                await TurnAsync();
                if (_times.ReadPeriod - _time.GetElapsedTime(startedAt) is var rest && rest > TimeSpan.Zero)
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

    /// <summary>Makes Orleans read the table, so that it acts on changes.</summary>
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
            // The next turn retries, and Orleans retries on its own schedule.
            LogRefreshFailed(_log, exception);
        }
        catch (OperationCanceledException)
        {
            // The silo leaves.
        }
    }

    private void LogChange()
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

    [LoggerMessage(LogLevel.Information, "The gate is open: this member answers for its grains")]
    private static partial void LogOpen(ILogger log);

    [LoggerMessage(
        LogLevel.Warning,
        "The gate is shut: for {Milliseconds:F0} ms no read or member has confirmed that this member is alive. "
            + "Its grains answer again when the membership can be read"
    )]
    private static partial void LogShut(ILogger log, double milliseconds);

    [LoggerMessage(LogLevel.Warning, "Orleans could not read the membership")]
    private static partial void LogRefreshFailed(ILogger log, Exception exception);
}
