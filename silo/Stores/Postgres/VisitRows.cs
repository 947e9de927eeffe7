using System.Globalization;
using Grid.Codes;
using Grid.Scans;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The visits of one group and day, each scan id once, written by one statement. If an id does not name its day, the
/// statement also checks the previous day.
/// </summary>
/// <param name="day">The day.</param>
/// <param name="others">Further days that may have a row of the id; empty if the id names its day.</param>
internal sealed class VisitRows(int day, int[] others)
{
    internal const string Columns = "scan, at, resident, venue, device, content, reasons, colour, test, name";

    private readonly Dictionary<byte[], int> _indexes = new(BytesComparer.Instance);
    private readonly List<Row> _rows = [];

    /// <summary>Adds a visit; a repeat of an id follows the first.</summary>
    internal void Add(byte[] scan, Visit visit, IVisitTarget target, int index)
    {
        if (_indexes.TryGetValue(scan, out var first))
        {
            _rows[first].Followers.Add((visit, target, index));
            return;
        }

        _indexes.Add(scan, _rows.Count);
        _rows.Add(new Row(scan, visit, target, index));
    }

    /// <summary>Adds the statement to a transaction.</summary>
    internal void AddTo(NpgsqlBatch batch)
    {
        // Insert into the day's own table: the server then does not route each row.
        var conditions = others
            .Select(static other =>
                $"NOT EXISTS (SELECT FROM {TableNames.OfDay(other)} AS old"
                + $" WHERE old.day = '{PostgresDatabase.Date(other)}' AND old.scan = new.scan)"
            )
            .ToArray();
        var notThere = conditions.Length == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}";
        var insert = new NpgsqlBatchCommand(
            $"""
            INSERT INTO {TableNames.OfDay(day)} (day, {Columns})
            SELECT DATE '{PostgresDatabase.Date(day)}', new.*
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS new ({Columns}) {notThere}
            ON CONFLICT DO NOTHING RETURNING scan
            """
        );
        // Sort by id: processes that write the same ids then never deadlock.
        Row[] rows = [.. _rows.OrderBy(static row => row.Scan, BytesOrder.Instance)];
        Add(insert, rows, NpgsqlDbType.Bytea, static row => row.Scan);
        Add(insert, rows, NpgsqlDbType.TimestampTz, static row => row.Visit.RecordedAt.UtcDateTime);
        Add(insert, rows, NpgsqlDbType.Uuid, static row => row.Visit.Resident);
        Add(insert, rows, NpgsqlDbType.Text, static row => row.Visit.VenueId);
        Add(insert, rows, NpgsqlDbType.Text, static row => row.Visit.Device);
        Add(insert, rows, NpgsqlDbType.Bigint, static row => unchecked((long)row.Visit.Content));
        Add(insert, rows, NpgsqlDbType.Smallint, static row => (short)row.Visit.Reasons);
        Add(insert, rows, NpgsqlDbType.Smallint, static row => (short)row.Visit.Colour);
        Add(insert, rows, NpgsqlDbType.Bytea, static row => StateBytes.Encode(row.Visit.Test));
        Add(insert, rows, NpgsqlDbType.Text, static row => row.Visit.Name);
        batch.BatchCommands.Add(insert);
    }

    /// <summary>Reads the inserted rows.</summary>
    internal void ReadOutcomes(NpgsqlDataReader reader)
    {
        while (reader.Read())
            _rows[_indexes[reader.GetFieldValue<byte[]>(0)]].Report(recorded: true, null);
        reader.NextResult();
    }

    /// <summary>Adds a look-up of the rows that already existed; false if there are none.</summary>
    internal bool AddLookUpTo(NpgsqlBatch batch)
    {
        List<byte[]> scans = [.. _rows.Where(static row => !row.IsReported).Select(static row => row.Scan)];
        if (scans.Count == 0)
            return false;
        AddTo(batch, scans, [day, .. others]);
        return true;
    }

    /// <summary>Reads the rows that already existed.</summary>
    internal void ReadLookUp(NpgsqlDataReader reader)
    {
        while (reader.Read())
        {
            var row = _rows[_indexes[reader.GetFieldValue<byte[]>(0)]];
            if (!row.IsReported)
                row.Report(recorded: false, Read(reader));
        }

        reader.NextResult();
        if (_rows.Exists(static row => !row.IsReported))
            throw new StoreException(StoreErrorCodes.Damaged, "A visit was neither written nor found.");
    }

    /// <summary>Reads the visit from the current row of a reader with <see cref="Columns"/>.</summary>
    internal static Visit Read(NpgsqlDataReader row) =>
        new(
            PostgresKey.ScanId(row.GetFieldValue<byte[]>(0)),
            row.GetString(3),
            row.GetString(4),
            row.GetGuid(2),
            unchecked((ulong)row.GetInt64(5)),
            (RefusalReasons)row.GetInt16(6),
            (CodeColour)row.GetInt16(7),
            StateBytes.Decode<TestView>(row.GetFieldValue<byte[]>(8)),
            row.GetString(9),
            new DateTimeOffset(row.GetDateTime(1))
        );

    /// <summary>Adds a look-up of ids on several days, in the order of the days.</summary>
    internal static void AddTo(NpgsqlBatch batch, List<byte[]> scans, int[] days)
    {
        var find = new NpgsqlBatchCommand(
            string.Join(
                " UNION ALL ",
                days.Select(static day =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"SELECT {Columns} FROM {TableNames.OfDay(day)}"
                            + $" WHERE day = '{PostgresDatabase.Date(day)}' AND scan = ANY ($1)"
                    )
                )
            )
        );
        Add(find, scans, NpgsqlDbType.Bytea);
        batch.BatchCommands.Add(find);
    }

    private static void Add<T>(NpgsqlBatchCommand command, Row[] rows, NpgsqlDbType type, Func<Row, T> column) =>
        Add(command, rows.Select(column).ToList(), type);

    private static void Add<T>(NpgsqlBatchCommand command, List<T> values, NpgsqlDbType type) =>
        command.Parameters.Add(
            new NpgsqlParameter<List<T>> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type }
        );

    private sealed class Row(byte[] scan, Visit visit, IVisitTarget target, int index)
    {
        internal byte[] Scan => scan;

        internal Visit Visit => visit;

        private List<(Visit Visit, IVisitTarget Target, int Index)>? _followers;

        internal bool IsReported { get; private set; }

        internal List<(Visit Visit, IVisitTarget Target, int Index)> Followers => _followers ??= [];

        internal void Report(bool recorded, Visit? found)
        {
            IsReported = true;
            var standing = found ?? visit;
            target.Receive(
                index,
                recorded ? new VisitReceipt(VisitStatus.Recorded, visit) : VisitReceipts.Standing(standing, visit)
            );
            foreach (var follower in _followers ?? [])
                follower.Target.Receive(follower.Index, VisitReceipts.Standing(standing, follower.Visit));
        }
    }
}
