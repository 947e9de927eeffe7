using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The store in PostgreSQL: 1,024 partitions in one or more databases, each with a few write and read connections. Any
/// number of processes may use it: a write names the version that it replaces, and the database decides.
/// </summary>
public sealed class PostgresStore : IStateStore, IDisposable
{
    /// <summary>Neighbouring partitions that share a writer: as many as a shard of visits has.</summary>
    internal const int PartitionsPerStripe = 16;

    private const int PendingChunkRows = 1_000;

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(100);

    private readonly StoreOptions _options;
    private readonly List<PostgresDatabase> _databases = [];
    private readonly List<PostgresWriter> _writers = [];
    private readonly List<PostgresReader> _readers = [];
    private readonly ITimer? _watch;

    /// <summary>Connects to all databases and upgrades their schemas.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="services">Services from the host.</param>
    /// <param name="schema">The schema.</param>
    /// <exception cref="StoreException">
    /// A database does not answer, has a newer version, or is the wrong one.
    /// </exception>
    internal PostgresStore(StoreOptions options, StoreServices services, PostgresSchema schema)
    {
        _options = options;
        try
        {
            for (var number = 0; number < options.Postgres.Databases.Count; number++)
            {
                var database = new PostgresDatabase(number, options);
                _databases.Add(database);
                database.Prepare(schema);
                for (var writer = 0; writer < options.Postgres.Writers; writer++)
                    _writers.Add(new PostgresWriter(database, writer, options, services));
                for (var reader = 0; reader < options.Postgres.Readers; reader++)
                    _readers.Add(new PostgresReader(database, reader, options, services));
            }
        }
        catch
        {
            CloseAll();
            throw;
        }

        services.Metrics.Watch(QueueLengths);
        _watch = services.Time.CreateTimer(
            static store => ((PostgresStore)store!).Watch(),
            this,
            WatchPeriod,
            WatchPeriod
        );
    }

    /// <summary>The lock that excludes other grids; released with the store.</summary>
    internal PostgresPresence? Presence { get; init; }

    /// <summary>The number of write lanes.</summary>
    internal int Writers => _writers.Count;

    /// <summary>The settings.</summary>
    internal StoreOptions Options => _options;

    /// <summary>The databases, in order.</summary>
    internal IReadOnlyList<PostgresDatabase> Databases => _databases;

    /// <summary>The stripe of a partition: the partitions of a stripe share a writer.</summary>
    internal static int StripeOf(int partition) => partition / PartitionsPerStripe;

    /// <summary>
    /// The number of the lane that writes a partition. It never changes, so two writes of a grain never run at once.
    /// </summary>
    internal int WriterOf(int partition) =>
        PostgresOptions.DatabaseOf(partition, _databases.Count) * _options.Postgres.Writers
        + StripeOf(partition) % _options.Postgres.Writers;

    /// <summary>The number of the lane that writes the visits of a partition.</summary>
    internal int VisitWriterOf(int partition) =>
        PostgresOptions.DatabaseOf(partition, _databases.Count) * _options.Postgres.Writers
        + StripeOf(partition) % Math.Min(_options.Postgres.VisitWriters, _options.Postgres.Writers);

    /// <summary>A write lane by its number.</summary>
    internal PostgresWriter Writer(int number) => _writers[number];

    GroupLane<WriteWork> IStateStore.LaneOf(int partition) => _writers[WriterOf(partition)];

    /// <inheritdoc/>
    Task IStateStore.ReadAsync<T>(string table, in StateKey key, IGrainState<T> target)
    {
        var reader =
            PostgresOptions.DatabaseOf(key.Partition, _databases.Count) * _options.Postgres.Readers
            + key.Partition % _options.Postgres.Readers;
        var read = new StateRead<T>(table, key, target);
        try
        {
            _readers[reader].Enqueue(read);
            return read.Done;
        }
        catch (StoreException exception)
        {
            return Task.FromException(exception);
        }
    }

    /// <inheritdoc/>
    async IAsyncEnumerable<GrainId> IStateStore.PendingAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var database in _databases)
        {
            foreach (var table in await PendingTablesAsync(database, cancellation))
            {
                var type = GrainType.Create(TableNames.GrainTypeOf(table));
                (short Partition, byte[] Key)? after = (-1, []);
                while (after is { } from)
                {
                    var (keys, last) = await PendingAsync(database, table, from, cancellation);
                    foreach (var key in keys)
                        yield return GrainId.Create(type, PostgresKey.GrainKey(key));
                    after = last;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch?.Dispose();
        CloseAll();
        Presence?.Dispose();
    }

    private static async Task<List<string>> PendingTablesAsync(
        PostgresDatabase database,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            database.Learn(connection);
            // Only kinds of state that can have pending work have the index.
            await using var command = new NpgsqlCommand(
                "SELECT DISTINCT tablename FROM pg_indexes WHERE schemaname = current_schema()"
                    + " AND starts_with(tablename, $1)"
                    + " AND indexdef LIKE '%WHERE pending'",
                connection
            );
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = TableNames.StatePrefix });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var tables = new List<string>();
            while (await reader.ReadAsync(cancellation))
                tables.Add(reader.GetString(0));
            return tables;
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            throw PostgresFaults.Translate(exception, database.Place);
        }
    }

    private static async Task<(List<byte[]> Keys, (short, byte[])? Last)> PendingAsync(
        PostgresDatabase database,
        string table,
        (short Partition, byte[] Key) after,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand(
                $"""
                SELECT partition, key FROM "{table}" WHERE pending AND (partition, key) > ($1, $2)
                ORDER BY partition, key LIMIT {PendingChunkRows}
                """,
                connection
            );
            command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = after.Partition });
            command.Parameters.Add(
                new NpgsqlParameter<byte[]> { TypedValue = after.Key, NpgsqlDbType = NpgsqlDbType.Bytea }
            );
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var keys = new List<byte[]>();
            short partition = 0;
            while (await reader.ReadAsync(cancellation))
            {
                partition = reader.GetInt16(0);
                keys.Add(reader.GetFieldValue<byte[]>(1));
            }

            return (keys, keys.Count == PendingChunkRows ? (partition, keys[^1]) : null);
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            throw PostgresFaults.Translate(exception, database.Place);
        }
    }

    private void CloseAll()
    {
        foreach (var writer in _writers)
            writer.Dispose();
        foreach (var reader in _readers)
            reader.Dispose();
        foreach (var database in _databases)
            database.Dispose();
    }

    private void Watch()
    {
        foreach (var writer in _writers)
            writer.Watch();
        foreach (var reader in _readers)
            reader.Watch();
    }

    private IEnumerable<Measurement<int>> QueueLengths() =>
        _writers.Select(
            static (writer, number) =>
                new Measurement<int>(writer.QueuedRows, new KeyValuePair<string, object?>("file", number))
        );
}
