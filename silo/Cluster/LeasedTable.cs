namespace Grid.Silo.Cluster;

/// <summary>How a silo stands in a membership table that was read.</summary>
internal enum TableStanding
{
    /// <summary>Not dead.</summary>
    Alive,

    /// <summary>Declared dead, or removed.</summary>
    Dead,

    /// <summary>The table is older than one that was read before: the server has lost what it held. It says nothing.</summary>
    Lost,
}

/// <summary>
/// The membership table with a lease: each read in which this silo is not dead keeps the gate open for a lease from the moment
/// at which the read began. A kill of this silo is written after the last read that missed it began, and its successors wait
/// longer than the lease; so this silo has stopped before they begin.
/// </summary>
/// <param name="inner">The table.</param>
/// <param name="self">This silo.</param>
/// <param name="gate">The gate.</param>
/// <param name="times">The times.</param>
/// <param name="time">The clock.</param>
internal sealed class LeasedTable(
    IMembershipTable inner,
    SiloAddress self,
    Gate gate,
    ClusterTimes times,
    TimeProvider time
) : IMembershipTable
{
    private readonly Lock _lock = new();
    private readonly KillLedger _kills = new();
    private volatile HashSet<SiloAddress> _dead = [];
    private int _version = -1;
    private bool _wasSeen;
    private long _goodAt = time.GetTimestamp();

    /// <summary>This silo.</summary>
    internal SiloAddress Self => self;

    /// <summary>When the last good read began.</summary>
    internal long GoodAt => Volatile.Read(ref _goodAt);

    /// <summary>Whether the table answers.</summary>
    internal bool IsFresh => time.GetElapsedTime(GoodAt) < times.Lease;

    /// <summary>Whether a kill of that silo was sent from here that is not known to have failed.</summary>
    internal bool HasKill(SiloAddress silo) => _kills.Has(silo);

    /// <summary>Whether the silo was dead in the last good read.</summary>
    internal bool HasSeenDead(SiloAddress silo) => _dead.Contains(silo);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken)
    {
        var begunAt = time.GetTimestamp();
        var table = await inner.ReadAllAsync(cancellationToken);
        Note(table, begunAt);
        return table;
    }

    /// <summary>How a silo stands in a table.</summary>
    internal TableStanding StandingIn(MembershipTableData table, SiloAddress silo)
    {
        lock (_lock)
        {
            var status = table.TryGet(silo)?.Item1.Status;
            if (status == SiloStatus.Dead)
                return TableStanding.Dead;
            if (table.Version.Version < _version)
                return TableStanding.Lost;
            // Before it joins a silo has no row.
            return status is null && (_wasSeen || !silo.Equals(self)) ? TableStanding.Dead : TableStanding.Alive;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> UpdateRowAsync(
        MembershipEntry entry,
        string etag,
        TableVersion tableVersion,
        CancellationToken cancellationToken
    )
    {
        var silo = entry.SiloAddress;
        if (entry.Status != SiloStatus.Dead)
            return await inner.UpdateRowAsync(entry, etag, tableVersion, cancellationToken);
        if (silo.Equals(self))
        {
            // It leaves. What it does from now on may be done by a successor too.
            gate.ShutForEver();
            return await inner.UpdateRowAsync(entry, etag, tableVersion, cancellationToken);
        }

        _kills.Begin(silo);
        try
        {
            var isDone = await inner.UpdateRowAsync(entry, etag, tableVersion, cancellationToken);
            _kills.End(silo, isDone);
            return isDone;
        }
        catch
        {
            _kills.EndUnknown(silo, time.GetTimestamp());
            throw;
        }
    }

    /// <inheritdoc/>
    public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) =>
        inner.InitializeMembershipTableAsync(tryInitTableVersion, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken) =>
        inner.DeleteMembershipTableEntriesAsync(clusterId, cancellationToken);

    /// <inheritdoc/>
    public Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken) =>
        inner.CleanupDefunctSiloEntriesAsync(beforeDate, cancellationToken);

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) =>
        inner.ReadRowAsync(key, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> InsertRowAsync(
        MembershipEntry entry,
        TableVersion tableVersion,
        CancellationToken cancellationToken
    ) => inner.InsertRowAsync(entry, tableVersion, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken) =>
        inner.UpdateIAmAliveAsync(entry, cancellationToken);

    Task IMembershipTable.InitializeMembershipTable(bool tryInitTableVersion) =>
        InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    Task IMembershipTable.DeleteMembershipTableEntries(string clusterId) =>
        DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    Task IMembershipTable.CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    Task<bool> IMembershipTable.InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        InsertRowAsync(entry, tableVersion, CancellationToken.None);

    Task IMembershipTable.UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadAll() => ReadAllAsync(CancellationToken.None);

    Task<bool> IMembershipTable.UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    private void Note(MembershipTableData table, long begunAt)
    {
        switch (StandingIn(table, self))
        {
            case TableStanding.Dead:
                gate.ShutForEver();
                return;
            case TableStanding.Lost:
                return;
        }

        lock (_lock)
        {
            _version = Math.Max(_version, table.Version.Version);
            _wasSeen |= table.TryGet(self) is not null;
            _dead =
            [
                .. table
                    .Members.Select(static row => row.Item1)
                    .Where(static entry => entry.Status == SiloStatus.Dead)
                    .Select(static entry => entry.SiloAddress),
            ];
            if (begunAt > _goodAt)
                Volatile.Write(ref _goodAt, begunAt);
        }

        foreach (var (entry, _) in table.Members)
        {
            if (entry.Status != SiloStatus.Dead)
                _kills.SeenAlive(entry.SiloAddress, begunAt);
        }

        _kills.ForgetDone(silo => table.TryGet(silo) is not null);
        gate.Hold(begunAt, times.Lease);
    }
}
