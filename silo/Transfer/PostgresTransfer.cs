using Grid.Codes;
using Grid.Hosting.Stores;
using Grid.Scans;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Transfer;

/// <summary>
/// The rarely written states that the registry storage keeps in the first database (<c>grid_registry</c>), each named
/// by its state.
/// </summary>
/// <param name="Service">The cluster that owns the records.</param>
/// <param name="States">The names of the states.</param>
internal sealed record RegistryPlace(string Service, IReadOnlyCollection<string> States);

/// <summary>Transfers the databases of a grid: reads row by row, fills by binary COPY.</summary>
internal sealed class PostgresTransfer(PostgresStore store, RegistryPlace? registry) : ITransferStore
{
    // The key prefix of the registry storage.
    private const string RegistryKeyMark = "k:";

    private const int MaxScanBytes = VisitKey.MaxScanIdChars * 3;

    /// <inheritdoc/>
    public string Place => $"{Databases.Section} ({store.Databases[0].Place})";

    /// <inheritdoc/>
    public IReadOnlyList<TransferKind> Kinds() =>
        [
            .. store
                .Databases.SelectMany(Kinds)
                .Concat(RegistryKinds())
                .GroupBy(static kind => (kind.Grain, kind.State))
                .Select(static same => same.First() with { Rows = same.Sum(static kind => kind.Rows) })
                .Where(static kind => kind.Rows > 0)
                .OrderBy(static kind => kind.Grain, StringComparer.Ordinal)
                .ThenBy(static kind => kind.State, StringComparer.Ordinal),
        ];

    /// <inheritdoc/>
    public long CountVisits() =>
        store.Databases.Sum(static database =>
            Rows(database, "SELECT count(*) FROM visits", static row => row.GetInt64(0)).Single()
        );

    /// <inheritdoc/>
    public IEnumerable<StoredState> States(TransferKind kind)
    {
        var table = TableNames.OfState(kind.Grain, kind.State);
        return store
            .Databases.Where(database => database.Has(table))
            .SelectMany(database =>
                Rows(
                    database,
                    $"SELECT key, version, pending, state FROM \"{table}\" WHERE state IS NOT NULL",
                    static row => new StoredState(
                        PostgresKey.GrainKey(row.GetFieldValue<byte[]>(0)),
                        row.GetInt64(1),
                        row.GetBoolean(2),
                        row.GetFieldValue<byte[]>(3)
                    )
                )
            )
            .Concat(RegistryStates(kind));
    }

    /// <inheritdoc/>
    public IEnumerable<Visit> Visits() =>
        store.Databases.SelectMany(static database =>
            Rows(database, $"SELECT {VisitRows.Columns} FROM visits", VisitRows.Read)
        );

    /// <inheritdoc/>
    public void BeginFilling()
    {
        foreach (var database in store.Databases)
            Do(database, connection => Execute(connection, $"CREATE TABLE {Filling.Name} ()"));
    }

    /// <inheritdoc/>
    public void Add(TransferKind kind, IReadOnlyList<StoredState> states)
    {
        if (registry is not null && registry.States.Contains(kind.State))
        {
            AddToRegistry(registry.Service, kind, states);
            return;
        }

        var table = TableNames.OfState(kind.Grain, kind.State);
        var type = GrainType.Create(kind.Grain);
        var parts = states
            .Select(state => (Key: StateKey.Of(GrainId.Create(type, IdSpan.Create(state.Key))), State: state))
            .GroupBy(each => PostgresOptions.DatabaseOf(each.Key.Partition, store.Databases.Count));
        foreach (var part in parts)
        {
            store.Databases[part.Key].EnsureStates(table, kind.HasPending);
            Do(store.Databases[part.Key], connection =>
                Copy(connection, $"\"{table}\" (partition, key, version, pending, state)", part, static (copy, each) =>
                {
                    copy.Write((short)each.Key.Partition, NpgsqlDbType.Smallint);
                    copy.Write(PostgresKey.Of(each.Key), NpgsqlDbType.Bytea);
                    copy.Write(each.State.Version, NpgsqlDbType.Bigint);
                    copy.Write(each.State.Pending, NpgsqlDbType.Boolean);
                    copy.Write(each.State.Bytes, NpgsqlDbType.Bytea);
                })
            );
        }
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<Visit> visits)
    {
        var parts = visits
            .Select(static visit => (Visit: visit, Place: PlaceOf(visit)))
            .GroupBy(each =>
                (
                    Database: PostgresOptions.DatabaseOf(
                        VisitShards.PartitionOf(each.Visit.ScanId),
                        store.Databases.Count
                    ),
                    each.Place.Day
                )
            );
        foreach (var part in parts)
        {
            var database = store.Databases[part.Key.Database];
            database.EnsureDay(part.Key.Day);
            var date = new DateOnly(part.Key.Day / 10_000, part.Key.Day / 100 % 100, part.Key.Day % 100);
            Do(database, connection =>
                Copy(connection, $"{TableNames.OfDay(part.Key.Day)} (day, {VisitRows.Columns})", part, (copy, each) =>
                    Write(copy, date, each.Place.Scan, each.Visit)
                )
            );
        }
    }

    /// <inheritdoc/>
    public void EndFilling()
    {
        foreach (var database in store.Databases)
            Do(database, connection => Execute(connection, $"ANALYZE; DROP TABLE {Filling.Name}"));
    }

    private static (byte[] Scan, int Day) PlaceOf(Visit visit)
    {
        var key = VisitKey.Of(visit.ScanId, stackalloc byte[MaxScanBytes]);
        return (PostgresKey.Of(key), VisitDay.File(key.Day, VisitDay.Of(visit.RecordedAt)));
    }

    private static void Write(NpgsqlBinaryImporter copy, DateOnly day, byte[] scan, Visit visit)
    {
        copy.Write(day, NpgsqlDbType.Date);
        copy.Write(scan, NpgsqlDbType.Bytea);
        copy.Write(visit.RecordedAt.UtcDateTime, NpgsqlDbType.TimestampTz);
        copy.Write(visit.Resident, NpgsqlDbType.Uuid);
        copy.Write(visit.VenueId, NpgsqlDbType.Text);
        copy.Write(visit.Device, NpgsqlDbType.Text);
        copy.Write(unchecked((long)visit.Content), NpgsqlDbType.Bigint);
        copy.Write((short)visit.Reasons, NpgsqlDbType.Smallint);
        copy.Write((short)visit.Colour, NpgsqlDbType.Smallint);
        copy.Write(StateBytes.Encode(visit.Test), NpgsqlDbType.Bytea);
        copy.Write(visit.Name, NpgsqlDbType.Text);
    }

    private static IEnumerable<TransferKind> Kinds(PostgresDatabase database)
    {
        var tables = Rows(
                database,
                $"""
                SELECT relname, EXISTS (
                    SELECT FROM pg_indexes WHERE tablename = relname AND indexdef LIKE '%WHERE pending')
                FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
                AND starts_with(relname, '{TableNames.StatePrefix}')
                """,
                static row => (Name: row.GetString(0), HasPending: row.GetBoolean(1))
            )
            .ToArray();
        foreach (var (name, hasPending) in tables)
        {
            var rows = Rows(database, $"SELECT count(*) FROM \"{name}\" WHERE state IS NOT NULL", static row =>
                    row.GetInt64(0)
                )
                .Single();
            yield return new TransferKind(TableNames.GrainTypeOf(name), TableNames.StateOf(name), hasPending, rows);
        }
    }

    private IEnumerable<TransferKind> RegistryKinds() =>
        HasRegistry()
            ? Rows(
                store.Databases[0],
                "SELECT state, count(*) FROM grid_registry WHERE payload IS NOT NULL GROUP BY state",
                static row => new TransferKind(row.GetString(0), row.GetString(0), false, row.GetInt64(1))
            )
            : [];

    private IEnumerable<StoredState> RegistryStates(TransferKind kind) =>
        kind.Grain == kind.State && HasRegistry()
            ? Rows(
                store.Databases[0],
                $"SELECT substr(key_text, {RegistryKeyMark.Length + 1}), version, payload FROM grid_registry"
                    + $" WHERE state = '{kind.State}' AND payload IS NOT NULL",
                static row => new StoredState(row.GetString(0), row.GetInt32(1), false, row.GetFieldValue<byte[]>(2))
            )
            : [];

    private bool HasRegistry() =>
        Rows(store.Databases[0], "SELECT to_regclass('grid_registry') IS NOT NULL", static row => row.GetBoolean(0))
            .Single();

    private void AddToRegistry(string service, TransferKind kind, IReadOnlyList<StoredState> states) =>
        Do(store.Databases[0], connection =>
            Copy(
                connection,
                "grid_registry (service, state, key_high, key_low, key_text, payload, version, changed)",
                states,
                (copy, state) =>
                {
                    copy.Write(service, NpgsqlDbType.Text);
                    copy.Write(kind.State, NpgsqlDbType.Text);
                    copy.Write(0L, NpgsqlDbType.Bigint);
                    copy.Write(0L, NpgsqlDbType.Bigint);
                    copy.Write(RegistryKeyMark + state.Key, NpgsqlDbType.Text);
                    copy.Write(state.Bytes, NpgsqlDbType.Bytea);
                    copy.Write(checked((int)state.Version), NpgsqlDbType.Integer);
                    copy.Write(DateTime.UnixEpoch, NpgsqlDbType.TimestampTz);
                }
            )
        );

    private static void Copy<T>(
        NpgsqlConnection connection,
        string target,
        IEnumerable<T> rows,
        Action<NpgsqlBinaryImporter, T> write
    )
    {
        using var copy = connection.BeginBinaryImport($"COPY {target} FROM STDIN (FORMAT binary)");
        foreach (var row in rows)
        {
            copy.StartRow();
            write(copy, row);
        }

        copy.Complete();
    }

    // Streams rows from the server without buffering the table.
    private static IEnumerable<T> Rows<T>(PostgresDatabase database, string sql, Func<NpgsqlDataReader, T> read)
    {
        using var connection = Guarded(database, database.Open);
        using var command = new NpgsqlCommand(sql, connection);
        using var reader = Guarded(database, () => command.ExecuteReader());
        while (Guarded(database, reader.Read))
            yield return read(reader);
    }

    private static void Do(PostgresDatabase database, Action<NpgsqlConnection> work) => Guarded(database, () =>
        {
            using var connection = database.Open();
            work(connection);
            return true;
        });

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static T Guarded<T>(PostgresDatabase database, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new StoreException(StoreErrorCodes.Damaged, "The file has two records of one key.", exception);
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            throw PostgresFaults.Translate(exception, database.Place);
        }
    }
}
