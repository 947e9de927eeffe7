using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>A database: its connections and its known tables.</summary>
internal sealed class PostgresDatabase : IDisposable
{
    /// <summary>Connections besides those of the lanes: bulk reads, searches, table creation.</summary>
    internal const int SpareConnections = 6;

    // Statements: two writes and a look-up per table, and several days of visits.
    private const int MaxPrepared = 200;
    private const int MaxNameBytes = 63;

    private readonly NpgsqlDataSource _source;
    private readonly ConcurrentDictionary<string, bool> _tables = new(StringComparer.Ordinal);
    private readonly StoreOptions _options;

    internal PostgresDatabase(int number, StoreOptions options)
    {
        Number = number;
        _options = options;
        var settings = new NpgsqlConnectionStringBuilder(options.Postgres.Databases[number])
        {
            Pooling = true,
            MinPoolSize = 0,
            MaxPoolSize = options.Postgres.Writers + options.Postgres.Readers + SpareConnections,
            Timeout = WholeSeconds(options.Postgres.ConnectTimeout),
            CommandTimeout = WholeSeconds(options.Postgres.BulkTimeout),
            // A stalled server would not answer a cancel request either: drop the connection at once.
            CancellationTimeout = -1,
            MaxAutoPrepare = MaxPrepared,
            AutoPrepareMinUsages = 2,
            Enlist = false,
            IncludeErrorDetail = true,
            ApplicationName = "grid",
        };
        Place = PlaceOf(options, number);
        _source = NpgsqlDataSource.Create(settings);
    }

    /// <summary>The database's number, from 0.</summary>
    internal int Number { get; }

    /// <summary>The name in messages; never contains a password.</summary>
    internal string Place { get; }

    internal static string PlaceOf(StoreOptions options, int number)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.Postgres.Databases[number]);
        return $"database {number} ({settings.Database} on {settings.Host})";
    }

    /// <summary>The known tables.</summary>
    internal ICollection<string> Tables => _tables.Keys;

    internal static int WholeSeconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    /// <summary>A connection from the pool.</summary>
    internal NpgsqlConnection Open() => _source.OpenConnection();

    /// <inheritdoc cref="Open"/>
    internal ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) =>
        _source.OpenConnectionAsync(cancellation);

    /// <summary>Upgrades the schema and loads the list of tables.</summary>
    /// <exception cref="StoreException">
    /// The database has a newer version, is the wrong one, or does not answer.
    /// </exception>
    internal void Prepare(PostgresSchema schema)
    {
        try
        {
            using var connection = Open();
            schema.Migrate(connection, Place, Number, _options.Postgres.Databases.Count);
            using var filling = new NpgsqlCommand($"SELECT to_regclass('{Filling.Name}') IS NOT NULL", connection);
            if (filling.ExecuteScalar() is true)
                throw Filling.Unfinished(Place);
            Learn(connection);
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            throw PostgresFaults.Translate(exception, Place);
        }
    }

    /// <summary>Reloads the list of tables: other processes create some too.</summary>
    internal void Learn(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            $"""
            SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
            AND (starts_with(relname, '{TableNames.StatePrefix}') OR starts_with(relname, '{TableNames.DayPrefix}'))
            """,
            connection
        );
        using var reader = command.ExecuteReader();
        while (reader.Read())
            _tables.TryAdd(reader.GetString(0), true);
    }

    /// <summary>Whether a table is known.</summary>
    internal bool Has(string table) => _tables.ContainsKey(table);

    /// <summary>Forgets all tables, after a known one was missing.</summary>
    internal void ForgetTables() => _tables.Clear();

    /// <summary>Forgets a dropped table.</summary>
    internal void Forget(string table) => _tables.TryRemove(table, out _);

    /// <summary>Creates the table of a kind of state if missing.</summary>
    internal void EnsureStates(string table, bool hasPending)
    {
        if (Has(table))
            return;
        if (table.Length > MaxNameBytes)
            throw new ArgumentException($"The name {table} is longer than {MaxNameBytes} characters.", nameof(table));
        // Free space in the pages: a row's new version is stored beside the old one, and no index changes.
        var pending = hasPending ? $"CREATE INDEX ON \"{table}\" (partition, key) WHERE pending;" : "";
        Make(
            table,
            $"""
            CREATE TABLE "{table}" (
                partition smallint NOT NULL, key bytea NOT NULL, version bigint NOT NULL,
                pending boolean NOT NULL, state bytea,
                PRIMARY KEY (partition, key)) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
            {pending}
            """
        );
    }

    /// <summary>Creates the table of a day of visits if missing.</summary>
    internal void EnsureDay(int day)
    {
        var table = TableNames.OfDay(day);
        if (Has(table))
            return;
        // Create the table first and attach it: searches and writers of other days continue meanwhile.
        Make(
            table,
            $"""
            CREATE TABLE {table} (LIKE visits INCLUDING ALL);
            ALTER TABLE visits ATTACH PARTITION {table}
                FOR VALUES FROM ('{Date(day)}') TO ('{Date(VisitDay.Add(day, 1))}');
            """
        );
    }

    /// <summary>A day in SQL notation.</summary>
    internal static string Date(int day) =>
        string.Create(CultureInfo.InvariantCulture, $"{day / 10_000:0000}-{day / 100 % 100:00}-{day % 100:00}");

    /// <summary>Runs SQL in a transaction that holds the schema lock.</summary>
    internal void ChangeTables(string sql)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(
            $"""
            SELECT set_config('lock_timeout', '{(long)_options.WriteTimeout.TotalMilliseconds}', true);
            SELECT pg_advisory_xact_lock({PostgresSchema.SchemaLock});
            {sql}
            """,
            connection
        )
        {
            CommandTimeout = WholeSeconds(_options.WriteTimeout),
        };
        // Several statements in one message form one transaction.
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Make(string table, string sql)
    {
        try
        {
            ChangeTables(sql);
        }
        catch (PostgresException exception)
            when (exception.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
        {
            // Another process created it first.
        }

        _tables.TryAdd(table, true);
    }
}
