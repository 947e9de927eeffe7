using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The states of one table in one group, each key once: updates, inserts, and rows expected to be absent. At most two
/// statements write them, whatever their number.
/// </summary>
internal sealed class StateRows(string table)
{
    private const NpgsqlDbType Bytes = NpgsqlDbType.Array | NpgsqlDbType.Bytea;

    private readonly Dictionary<byte[], StateWork> _works = new(BytesComparer.Instance);
    private readonly Columns _updates = new();
    private readonly Columns _inserts = new();

    /// <summary>The table.</summary>
    internal string Table => table;

    /// <summary>Adds a write; false if its key is already in the group.</summary>
    internal bool TryAdd(byte[] key, StateWork work)
    {
        if (!_works.TryAdd(key, work))
            return false;
        work.Outcome = default;
        if (work.Known > 0)
            _updates.Add(key, work);
        else if (!work.Clear)
            _inserts.Add(key, work);
        return true;
    }

    /// <summary>Adds the statements to a transaction.</summary>
    internal void AddTo(NpgsqlBatch batch)
    {
        if (_updates.Count > 0)
        {
            var update = new NpgsqlBatchCommand(
                $"""
                UPDATE "{table}" AS stored SET version = stored.version + 1, pending = new.pending, state = new.state
                FROM unnest($1, $2, $3, $4, $5) AS new (partition, key, pending, state, known)
                WHERE stored.partition = new.partition AND stored.key = new.key AND stored.version = new.known
                RETURNING stored.key, stored.version
                """
            );
            _updates.AddTo(update);
            update.Parameters.Add(
                new NpgsqlParameter<List<long>>
                {
                    TypedValue = _updates.Known,
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                }
            );
            batch.BatchCommands.Add(update);
        }

        if (_inserts.Count == 0)
            return;
        // To the caller a cleared record does not exist. Its version continues, so that a write with an older version
        // conflicts.
        var insert = new NpgsqlBatchCommand(
            $"""
            INSERT INTO "{table}" AS stored (partition, key, version, pending, state)
            SELECT new.partition, new.key, 1, new.pending, new.state
            FROM unnest($1, $2, $3, $4) AS new (partition, key, pending, state)
            ON CONFLICT (partition, key) DO UPDATE
            SET version = stored.version + 1, pending = excluded.pending, state = excluded.state
            WHERE stored.state IS NULL
            RETURNING stored.key, stored.version
            """
        );
        _inserts.AddTo(insert);
        batch.BatchCommands.Add(insert);
    }

    /// <summary>Reads the successful writes, in the order of <see cref="AddTo"/>.</summary>
    internal void ReadOutcomes(NpgsqlDataReader reader)
    {
        var statements = (_updates.Count > 0 ? 1 : 0) + (_inserts.Count > 0 ? 1 : 0);
        for (var statement = 0; statement < statements; statement++)
        {
            while (reader.Read())
                _works[reader.GetFieldValue<byte[]>(0)].Outcome = new StateOutcome(true, reader.GetInt64(1));
            reader.NextResult();
        }
    }

    /// <summary>Adds a look-up of the writes that failed; false if there are none.</summary>
    internal bool AddLookUpTo(NpgsqlBatch batch)
    {
        var keys = _works.Where(static pair => !pair.Value.Outcome.Written).ToArray();
        if (keys.Length == 0)
            return false;
        var find = new NpgsqlBatchCommand(
            $"""
            SELECT stored.key, stored.version, stored.state IS NULL FROM unnest($1, $2) AS own (partition, key)
            JOIN "{table}" AS stored ON stored.partition = own.partition AND stored.key = own.key
            """
        );
        find.Parameters.Add(
            new NpgsqlParameter<List<short>>
            {
                TypedValue = [.. keys.Select(static pair => (short)pair.Value.Key.Partition)],
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint,
            }
        );
        find.Parameters.Add(
            new NpgsqlParameter<List<byte[]>>
            {
                TypedValue = [.. keys.Select(static pair => pair.Key)],
                NpgsqlDbType = Bytes,
            }
        );
        batch.BatchCommands.Add(find);
        // Clearing an absent record is not a conflict.
        foreach (var (_, work) in keys)
            work.Outcome = new StateOutcome(work is { Clear: true, Known: 0 }, 0);
        return true;
    }

    /// <summary>Reads the stored rows of the writes that failed.</summary>
    internal void ReadLookUp(NpgsqlDataReader reader)
    {
        while (reader.Read())
        {
            var work = _works[reader.GetFieldValue<byte[]>(0)];
            var cleared = reader.GetBoolean(2);
            work.Outcome = new StateOutcome(
                cleared && work is { Clear: true, Known: 0 },
                cleared ? 0 : reader.GetInt64(1)
            );
        }

        reader.NextResult();
    }

    private sealed class Columns
    {
        private readonly List<(byte[] Key, StateWork Work)> _rows = [];

        internal int Count => _rows.Count;

        internal List<long> Known => _rows.ConvertAll(static row => row.Work.Known);

        internal void Add(byte[] key, StateWork work) => _rows.Add((key, work));

        internal void AddTo(NpgsqlBatchCommand command)
        {
            // Sort by key: processes that write the same keys then never deadlock.
            _rows.Sort(static (x, y) => BytesOrder.Instance.Compare(x.Key, y.Key));
            Add(command, NpgsqlDbType.Smallint, static row => (short)row.Work.Key.Partition);
            Add(command, NpgsqlDbType.Bytea, static row => row.Key);
            Add(command, NpgsqlDbType.Boolean, static row => row.Work.Pending);
            Add(command, NpgsqlDbType.Bytea, static row => row.Work.Clear ? null : row.Work.State.ToArray());
        }

        private void Add<T>(
            NpgsqlBatchCommand command,
            NpgsqlDbType type,
            Converter<(byte[] Key, StateWork Work), T> column
        ) =>
            command.Parameters.Add(
                new NpgsqlParameter<List<T>>
                {
                    TypedValue = _rows.ConvertAll(column),
                    NpgsqlDbType = NpgsqlDbType.Array | type,
                }
            );
    }
}
