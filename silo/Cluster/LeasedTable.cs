namespace Grid.Silo.Cluster;

/// <summary>A silo's status in a membership table.</summary>
internal enum TableStanding
{
    /// <summary>Not dead.</summary>
    Alive,

    /// <summary>Declared dead, or removed.</summary>
    Dead,

    /// <summary>
    /// The table is older than one read before: the server has lost data, so the read proves nothing.
    /// </summary>
    Lost,
}

/// <summary>
/// The membership table with a lease: each read in which this silo is not dead keeps the gate open for one lease from
/// the start of the read. A kill is written after the start of the last read that missed it, and successors wait longer
/// than a lease; so this silo stops before they start.
/// </summary>
/// <param name="inner">Orleans' table.</param>
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

    internal SiloAddress Self => self;

    /// <summary>When the last successful read started.</summary>
    internal long GoodAt => Volatile.Read(ref _goodAt);

    /// <summary>Whether a read succeeded within the last lease.</summary>
    internal bool IsFresh => time.GetElapsedTime(GoodAt) < times.Lease;

    /// <summary>Whether this member sent a kill of the silo that is not known to have failed.</summary>
    internal bool HasKill(SiloAddress silo) => _kills.Has(silo);

    /// <summary>Whether the silo was dead in the last successful read.</summary>
    internal bool HasSeenDead(SiloAddress silo) => _dead.Contains(silo);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var table = await inner.ReadAllAsync(cancellationToken);
        Note(table, startedAt);
        return table;
    }

    /// <summary>The silo's status in a table.</summary>
    internal TableStanding StandingIn(MembershipTableData table, SiloAddress silo)
    {
        lock (_lock)
        {
            var status = table.TryGet(silo)?.Item1.Status;
            if (status == SiloStatus.Dead)
                return TableStanding.Dead;
            if (table.Version.Version < _version)
                return TableStanding.Lost;
            // A joining silo has no row yet.
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
            // The silo leaves. A successor may do the same work from now on.
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

    private void Note(MembershipTableData table, long startedAt)
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
            if (startedAt > _goodAt)
                Volatile.Write(ref _goodAt, startedAt);
        }

        foreach (var (entry, _) in table.Members)
        {
            if (entry.Status != SiloStatus.Dead)
                _kills.SeenAlive(entry.SiloAddress, startedAt);
        }

        _kills.ForgetDone(silo => table.TryGet(silo) is not null);
        gate.Hold(startedAt, times.Lease);
    }
}
