using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>How a process uses the databases.</summary>
public enum StorePresence
{
    /// <summary>Exclusive: a gateway or silo outside a cluster, an export, an import.</summary>
    Alone,

    /// <summary>Shared with the silos of one cluster, which ensures a single owner for each grain.</summary>
    Shared,

    /// <summary>Takes no lock and only upgrades the schema.</summary>
    None,
}

/// <summary>
/// A lock in the first database, held by a connection for the life of the process: two unrelated grids never serve the
/// same residents. The server releases it when the process ends, for any reason.
/// </summary>
internal sealed partial class PostgresPresence : IDisposable
{
    private const long PresenceLock = 0x4752_4944_0000_0002;

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(2);

    private readonly string _connectionString;
    private readonly string _place;
    private readonly string _lock;
    private readonly Action _taken;
    private readonly ILogger _log;
    private readonly ITimer? _watch;
    private readonly Lock _gate = new();
    private NpgsqlConnection? _connection;
    private bool _closed;

    private PostgresPresence(StoreOptions options, string place, Action taken, StoreServices services)
    {
        (_place, _taken, _log) = (place, taken, services.Log);
        _lock =
            options.Postgres.Presence == StorePresence.Alone ? "pg_try_advisory_lock" : "pg_try_advisory_lock_shared";
        _connectionString = new NpgsqlConnectionStringBuilder(options.Postgres.Databases[0])
        {
            Pooling = false,
            Timeout = PostgresDatabase.WholeSeconds(options.Postgres.ConnectTimeout),
            CommandTimeout = PostgresDatabase.WholeSeconds(options.Postgres.ConnectTimeout),
            CancellationTimeout = -1,
            ApplicationName = "grid presence",
        }.ConnectionString;
        if (!TryTake())
            throw new StoreException(
                StoreErrorCodes.InUse,
                $"{place} is used by another grid. Only silos of one cluster share it."
            );
        _watch = services.Time.CreateTimer(
            static presence => ((PostgresPresence)presence!).StartWatch(),
            this,
            WatchPeriod,
            WatchPeriod
        );
    }

    /// <summary>Takes the lock.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="place">The database's name in messages.</param>
    /// <param name="taken">Called if another grid took the lock while the connection was lost.</param>
    /// <param name="services">Services from the host.</param>
    /// <exception cref="StoreException">Another grid holds the lock.</exception>
    internal static PostgresPresence? Take(StoreOptions options, string place, Action taken, StoreServices services)
    {
        if (options.Postgres.Presence == StorePresence.None)
            return null;
        try
        {
            return new PostgresPresence(options, place, taken, services);
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            throw PostgresFaults.Translate(exception, place);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch?.Dispose();
        lock (_gate)
        {
            _closed = true;
            _connection?.Dispose();
        }
    }

    private bool TryTake()
    {
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            connection.Open();
            // TCP keep-alive: the server detects a lost machine within seconds.
            using var command = new NpgsqlCommand(
                "SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; "
                    + $"SELECT {_lock}({PresenceLock})",
                connection
            );
            if (command.ExecuteScalar() is true)
            {
                (_connection, connection) = (connection, null);
                return true;
            }

            return false;
        }
        finally
        {
            connection?.Dispose();
        }
    }

    // Uses its own thread: while a server hangs, the pool's few threads are needed elsewhere.
    private void StartWatch() =>
        Task.Factory.StartNew(
            Watch,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );

    // Skips a tick while the previous one still runs.
    private void Watch()
    {
        if (!_gate.TryEnter())
            return;
        try
        {
            if (_closed || IsHeld())
                return;
            _connection?.Dispose();
            _connection = null;
            if (TryTake())
                return;
            LogTaken(_log, _place);
            _closed = true;
            _taken();
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            // The server is unavailable, so no process holds the lock: retry on the next tick.
        }
        finally
        {
            _gate.Exit();
        }
    }

    private bool IsHeld()
    {
        if (_connection is null)
            return false;
        try
        {
            using var command = new NpgsqlCommand("SELECT 1", _connection);
            command.ExecuteNonQuery();
            return true;
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Critical, "Another grid took {Place} while the connection was lost; this process ends")]
    private static partial void LogTaken(ILogger log, string place);
}
