using System.Globalization;
using Grid.Codes;
using Grid.Scans;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The visits of one group that are filed under one day, each scan id once: one statement writes them. Its server looks for
/// the id on the day before as well, when the id does not name its day itself.
/// </summary>
/// <param name="day">The day.</param>
/// <param name="before">The day before, when there may be rows of it to be found; null otherwise.</param>
internal sealed class VisitRows(int day, int? before)
{
    internal const string Columns = "scan, at, resident, venue, device, content, reasons, colour, test, name";

    private readonly Dictionary<byte[], int> _indexes = new(BytesComparer.Instance);
    private readonly List<Row> _rows = [];
    private readonly List<byte[]> _scans = [];
    private readonly List<DateTime> _moments = [];
    private readonly List<Guid> _residents = [];
    private readonly List<string> _venues = [];
    private readonly List<string> _devices = [];
    private readonly List<long> _contents = [];
    private readonly List<short> _reasons = [];
    private readonly List<short> _colours = [];
    private readonly List<byte[]> _tests = [];
    private readonly List<string> _names = [];

    /// <summary>Adds a visit; one of an id that is there already follows the first.</summary>
    internal void Add(byte[] scan, Visit visit, IVisitTarget target, int index)
    {
        if (_indexes.TryGetValue(scan, out var first))
        {
            _rows[first].Followers.Add((visit, target, index));
            return;
        }

        _indexes.Add(scan, _rows.Count);
        _rows.Add(new Row(visit, target, index));
        _scans.Add(scan);
        _moments.Add(visit.RecordedAt.UtcDateTime);
        _residents.Add(visit.Resident);
        _venues.Add(visit.VenueId);
        _devices.Add(visit.Device);
        _contents.Add(unchecked((long)visit.Content));
        _reasons.Add((short)visit.Reasons);
        _colours.Add((short)visit.Colour);
        _tests.Add(StateBytes.Encode(visit.Test));
        _names.Add(visit.Name);
    }

    /// <summary>Adds the statement to a transaction.</summary>
    internal void AddTo(NpgsqlBatch batch)
    {
        // Into the day's own table: the server needs not route each row.
        var notBefore = before is { } earlier
            ? $"WHERE NOT EXISTS (SELECT FROM {VisitTable.NameOf(earlier)} AS old WHERE old.day = '{PostgresDatabase.Date(earlier)}' AND old.scan = new.scan)"
            : "";
        var insert = new NpgsqlBatchCommand(
            $"""
            INSERT INTO {VisitTable.NameOf(day)} (day, {Columns})
            SELECT DATE '{PostgresDatabase.Date(day)}', new.*
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS new ({Columns}) {notBefore}
            ON CONFLICT DO NOTHING RETURNING scan
            """);
        Add(insert, _scans, NpgsqlDbType.Bytea);
        Add(insert, _moments, NpgsqlDbType.TimestampTz);
        Add(insert, _residents, NpgsqlDbType.Uuid);
        Add(insert, _venues, NpgsqlDbType.Text);
        Add(insert, _devices, NpgsqlDbType.Text);
        Add(insert, _contents, NpgsqlDbType.Bigint);
        Add(insert, _reasons, NpgsqlDbType.Smallint);
        Add(insert, _colours, NpgsqlDbType.Smallint);
        Add(insert, _tests, NpgsqlDbType.Bytea);
        Add(insert, _names, NpgsqlDbType.Text);
        batch.BatchCommands.Add(insert);
    }

    /// <summary>Reads which rows are new.</summary>
    internal void ReadOutcomes(NpgsqlDataReader reader)
    {
        while (reader.Read())
            _rows[_indexes[reader.GetFieldValue<byte[]>(0)]].Tell(recorded: true, null);
        reader.NextResult();
    }

    /// <summary>Adds the look-up of the rows that were there; false when there were none.</summary>
    internal bool AddLookUpTo(NpgsqlBatch batch)
    {
        List<byte[]> scans = [.. _scans.Where((_, index) => !_rows[index].IsTold)];
        if (scans.Count == 0)
            return false;
        AddTo(batch, scans, before is { } earlier ? [day, earlier] : [day]);
        return true;
    }

    /// <summary>Reads the rows that were there.</summary>
    internal void ReadLookUp(NpgsqlDataReader reader)
    {
        while (reader.Read())
        {
            var row = _rows[_indexes[reader.GetFieldValue<byte[]>(0)]];
            if (!row.IsTold)
                row.Tell(recorded: false, Read(reader));
        }

        reader.NextResult();
        if (_rows.Exists(static row => !row.IsTold))
            throw new StoreException(StoreFaults.Damaged, "A visit was neither written nor found.");
    }

    /// <summary>The visit that a reader with <see cref="Columns"/> stands on.</summary>
    internal static Visit Read(NpgsqlDataReader row) => new(
        PostgresKey.ScanId(row.GetFieldValue<byte[]>(0)),
        row.GetString(3),
        row.GetString(4),
        row.GetGuid(2),
        unchecked((ulong)row.GetInt64(5)),
        (RefusalReasons)row.GetInt16(6),
        (CodeColour)row.GetInt16(7),
        StateBytes.Decode<TestView>(row.GetFieldValue<byte[]>(8)),
        row.GetString(9),
        new DateTimeOffset(row.GetDateTime(1)));

    /// <summary>Adds a look-up of ids on some days, the first day that has one first.</summary>
    internal static void AddTo(NpgsqlBatch batch, List<byte[]> scans, int[] days)
    {
        var find = new NpgsqlBatchCommand(string.Join(
            " UNION ALL ",
            days.Select(static day => string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT {Columns} FROM {VisitTable.NameOf(day)} WHERE day = '{PostgresDatabase.Date(day)}' AND scan = ANY ($1)"))));
        Add(find, scans, NpgsqlDbType.Bytea);
        batch.BatchCommands.Add(find);
    }

    private static void Add<T>(NpgsqlBatchCommand command, List<T> values, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter<List<T>> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    private sealed class Row(Visit visit, IVisitTarget target, int index)
    {
        private List<(Visit Visit, IVisitTarget Target, int Index)>? _followers;

        internal bool IsTold { get; private set; }

        internal List<(Visit Visit, IVisitTarget Target, int Index)> Followers => _followers ??= [];

        internal void Tell(bool recorded, Visit? found)
        {
            IsTold = true;
            var standing = found ?? visit;
            target.Receive(index, recorded ? new VisitReceipt(VisitStatus.Recorded, visit) : VisitWriting.Standing(standing, visit));
            foreach (var follower in _followers ?? [])
                follower.Target.Receive(follower.Index, VisitWriting.Standing(standing, follower.Visit));
        }
    }
}
