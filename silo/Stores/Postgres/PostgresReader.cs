using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Stores.Postgres;

/// <summary>A state to read.</summary>
/// <param name="table">The table of the kind of state.</param>
/// <param name="key">The key of the grain.</param>
internal abstract class StateRead(string table, in StateKey key) : StoreWork
{
    private readonly StateKey _key = key;

    /// <summary>The table of the kind of state.</summary>
    internal string Table => table;

    /// <summary>Whether states of this kind can have pending work.</summary>
    internal abstract bool HasPending { get; }

    /// <summary>The key of the grain.</summary>
    internal ref readonly StateKey Key => ref _key;

    /// <summary>The version that was read; 0 for none.</summary>
    internal long Version { get; set; }

    /// <summary>The bytes that were read.</summary>
    internal byte[] State { get; set; } = [];
}

/// <summary>A state to read, and the grain's facet that receives it.</summary>
internal sealed class StateRead<T>(string table, in StateKey key, IGrainState<T> target) : StateRead(table, key)
{
    private static readonly bool PendingColumn = typeof(IPendingWork).IsAssignableFrom(typeof(T));

    private readonly TaskCompletionSource _done = new();

    /// <summary>Completes when the target is filled.</summary>
    internal Task Done => _done.Task;

    /// <inheritdoc/>
    internal override bool HasPending => PendingColumn;

    /// <inheritdoc/>
    protected override void Succeed()
    {
        try
        {
            if (Version > 0)
                target.State = GridGrainStorage.Decode<T>(Table, Key, State);
            GridGrainStorage.Tell(target, Version);
            _done.SetResult();
        }
        catch (StoreException exception)
        {
            _done.SetException(exception);
        }
    }

    /// <inheritdoc/>
    protected override void Fail(StoreException failure) => _done.SetException(failure);
}

/// <summary>A read connection of a database: one query combines the look-ups of many grains.</summary>
internal sealed class PostgresReader : GroupLane<StateRead>
{
    private readonly PostgresDatabase _database;
    private readonly PostgresSession _session;

    internal PostgresReader(PostgresDatabase database, int number, StoreOptions options, StoreServices services)
        : base(
            database.Place,
            $"grid-reads-{database.Number:00}-{number:00}",
            new GroupLimits(options.MaxGroupRows, options.MaxQueueRows, options.Postgres.ReadTimeout),
            services
        )
    {
        _database = database;
        _session = new PostgresSession(
            database,
            "reader",
            options.Postgres.ReadTimeout,
            services,
            options.Postgres.ReopenDelay
        );
        Start();
    }

    /// <inheritdoc/>
    protected override void Do(List<StateRead> group)
    {
        using var batch = _session.Batch();
        var tables = group.GroupBy(static read => read.Table).Select(Keyed).ToArray();
        foreach (var (table, reads) in tables)
            batch.BatchCommands.Add(Find(table, reads));
        using var reader = batch.ExecuteReader();
        foreach (var (_, reads) in tables)
        {
            while (reader.Read())
            {
                foreach (var read in reads[reader.GetFieldValue<byte[]>(0)])
                    (read.Version, read.State) = (reader.GetInt64(1), reader.GetFieldValue<byte[]>(2));
            }

            reader.NextResult();
        }
    }

    /// <inheritdoc/>
    protected override StoreException Undo(Exception exception)
    {
        _session.Check(exception);
        if (PostgresFaults.IsOfATable(exception))
            _database.ForgetTables();
        return PostgresFaults.Translate(exception, Place);
    }

    /// <inheritdoc/>
    protected override void Record(int rows, TimeSpan duration) => Services.Metrics.Read(rows, duration);

    /// <inheritdoc/>
    protected override string Step => "store read";

    /// <inheritdoc/>
    protected override void Close(bool idle)
    {
        if (idle)
            _session.Dispose();
    }

    private (string Table, Dictionary<byte[], List<StateRead>> Reads) Keyed(IGrouping<string, StateRead> reads)
    {
        _database.EnsureStates(reads.Key, reads.First().HasPending);
        var keyed = new Dictionary<byte[], List<StateRead>>(BytesComparer.Instance);
        foreach (var read in reads)
        {
            var key = PostgresKey.Of(read.Key);
            if (!keyed.TryGetValue(key, out var same))
                keyed.Add(key, same = []);
            same.Add(read);
        }

        return (reads.Key, keyed);
    }

    private static NpgsqlBatchCommand Find(string table, Dictionary<byte[], List<StateRead>> reads)
    {
        var find = new NpgsqlBatchCommand(
            $"""
            SELECT stored.key, stored.version, stored.state FROM unnest($1, $2) AS own (partition, key)
            JOIN "{table}" AS stored ON stored.partition = own.partition AND stored.key = own.key
            WHERE stored.state IS NOT NULL
            """
        );
        find.Parameters.Add(
            new NpgsqlParameter<List<short>>
            {
                TypedValue = [.. reads.Values.Select(static same => (short)same[0].Key.Partition)],
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint,
            }
        );
        find.Parameters.Add(
            new NpgsqlParameter<List<byte[]>>
            {
                TypedValue = [.. reads.Keys],
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
            }
        );
        return find;
    }
}
