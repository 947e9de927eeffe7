using Grid.Scans;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The rows of one group, collected by table and written in one transaction and one message: all statements and the
/// commit are sent together. The reasons of conflicts are looked up afterwards.
/// </summary>
internal sealed class PostgresGroup(PostgresDatabase database) : IGroupWriter
{
    private const int MaxScanBytes = VisitKey.MaxScanIdChars * 3;

    private readonly List<StateRows> _states = [];
    private readonly Dictionary<(int Day, bool Alone, bool NearMidnight), VisitRows> _visits = [];
    private readonly List<Stray> _strays = [];

    // Around midnight two processes may file an id that names no day under two days, and neither sees the other's
    // uncommitted row. A lock serializes such transactions in those minutes.
    private bool _isNearMidnight;

    /// <inheritdoc/>
    public void Write(StateWork state)
    {
        database.EnsureStates(state.Table, state.HasPending);
        var key = PostgresKey.Of(state.Key);
        // A second write of a key follows the first in a separate statement.
        foreach (var rows in _states)
        {
            if (rows.Table == state.Table && rows.TryAdd(key, state))
                return;
        }

        var more = new StateRows(state.Table);
        more.TryAdd(key, state);
        _states.Add(more);
    }

    /// <inheritdoc/>
    public void Write(Visit visit, IVisitTarget target, int index)
    {
        var key = VisitKey.Of(visit.ScanId, stackalloc byte[MaxScanBytes]);
        var scan = PostgresKey.Of(key);
        var day = VisitDay.File(key.Day, VisitDay.Of(visit.RecordedAt));
        database.EnsureDay(day);
        // An id that names no day of the window may have arrived just before midnight, or long ago on the day that it
        // names.
        if (day != key.Day && key.Day is { } named && database.Has(TableNames.OfDay(named)))
            _strays.Add(new Stray(named, day, scan, visit, target, index));
        else
            Add(day, alone: day == key.Day, scan, visit, target, index);
    }

    /// <summary>Writes the group and returns after the commit.</summary>
    internal void Commit(PostgresSession session)
    {
        if (_strays.Count > 0)
            FileStrays(session);
        WriteAll(session);
        LookUp(session);
    }

    private IEnumerable<VisitRows> VisitsInOrder =>
        _visits.OrderBy(static pair => pair.Key).Select(static pair => pair.Value);

    private void WriteAll(PostgresSession session)
    {
        using var batch = session.Batch();
        if (_isNearMidnight)
        {
            batch.BatchCommands.Add(
                new NpgsqlBatchCommand($"SELECT pg_advisory_xact_lock({PostgresSchema.MidnightLock})")
            );
        }

        foreach (var rows in _states)
            rows.AddTo(batch);
        foreach (var rows in VisitsInOrder)
            rows.AddTo(batch);
        // Empty if the group only checks for absent rows.
        if (batch.BatchCommands.Count == 0)
            return;
        using var reader = batch.ExecuteReader();
        if (_isNearMidnight)
            reader.NextResult();
        foreach (var rows in _states)
            rows.ReadOutcomes(reader);
        foreach (var rows in VisitsInOrder)
            rows.ReadOutcomes(reader);
        // Reports any error of the commit itself.
        while (reader.NextResult()) { }
    }

    private void Add(int day, bool alone, byte[] scan, Visit visit, IVisitTarget target, int index)
    {
        var near = !alone && VisitDay.IsNearMidnight(visit.RecordedAt);
        _isNearMidnight |= near;
        if (!_visits.TryGetValue((day, alone, near), out var rows))
        {
            // Near midnight a process whose clock is ahead may have filed the row under the next day.
            int[] others =
                alone ? []
                : near ? [VisitDay.Add(day, -1), VisitDay.Add(day, 1)]
                : [VisitDay.Add(day, -1)];
            foreach (var other in others)
                database.EnsureDay(other);
            rows = new VisitRows(day, others);
            _visits.Add((day, alone, near), rows);
        }

        rows.Add(scan, visit, target, index);
    }

    // Ids that name a day outside the window are rare, so they get a separate query.
    private void FileStrays(PostgresSession session)
    {
        var found = new Dictionary<byte[], Visit>(BytesComparer.Instance);
        using (var batch = session.Batch())
        {
            foreach (var day in _strays.GroupBy(static stray => stray.Named))
                VisitRows.AddTo(batch, [.. day.Select(static stray => stray.Scan)], [day.Key]);
            using var reader = batch.ExecuteReader();
            do
            {
                while (reader.Read())
                    found.TryAdd(reader.GetFieldValue<byte[]>(0), VisitRows.Read(reader));
            } while (reader.NextResult());
        }

        foreach (var stray in _strays)
        {
            if (found.TryGetValue(stray.Scan, out var standing))
                stray.Target.Receive(stray.Index, VisitReceipts.Standing(standing, stray.Visit));
            else
                Add(stray.Day, alone: false, stray.Scan, stray.Visit, stray.Target, stray.Index);
        }
    }

    private void LookUp(PostgresSession session)
    {
        using var batch = session.Batch();
        List<StateRows> states = [.. _states.Where(rows => rows.AddLookUpTo(batch))];
        List<VisitRows> visits = [.. _visits.Values.Where(rows => rows.AddLookUpTo(batch))];
        if (batch.BatchCommands.Count == 0)
            return;
        using var reader = batch.ExecuteReader();
        states.ForEach(rows => rows.ReadLookUp(reader));
        visits.ForEach(rows => rows.ReadLookUp(reader));
    }

    private sealed record Stray(int Named, int Day, byte[] Scan, Visit Visit, IVisitTarget Target, int Index);
}
