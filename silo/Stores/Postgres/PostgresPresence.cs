using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>How a process uses the databases.</summary>
public enum StorePresence
{
    /// <summary>Nobody else may: a gateway or silo that is no member of a cluster, an export, an import.</summary>
    Alone,

    /// <summary>With others of its kind: a silo of a cluster, whose grains have one owner each by the cluster's own means.</summary>
    Shared,

    /// <summary>Beside whoever does: it only brings the schema up to date.</summary>
    None,
}

/// <summary>
/// A lock of the first database, held by a connection as long as the process lives: two grids that know nothing of each other
/// never serve the same residents. The server lets it go when the process dies, however it dies.
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
                $"{place} is used by another grid. Silos share it when they are of one cluster."
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
    /// <param name="place">How messages name the database.</param>
    /// <param name="taken">Called when the connection was lost and another grid has the lock since.</param>
    /// <param name="services">From the host.</param>
    /// <exception cref="StoreException">Another has it.</exception>
    internal static PostgresPresence? Take(StoreOptions options, string place, Action taken, StoreServices services)
    {
        if (options.Postgres.Presence == StorePresence.None)
            return null;
        try
        {
            return new PostgresPresence(options, place, taken, services);
        }
        catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
        {
            throw PostgresFaults.Translate(fault, place);
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
            // A machine that vanishes without a word is found out by the server within seconds.
            using var command = new NpgsqlCommand(
                $"SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; SELECT {_lock}({PresenceLock})",
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

    // On a thread of its own: while a server hangs, the pool's few are wanted for what goes on without it.
    private void StartWatch() =>
        Task.Factory.StartNew(
            Watch,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );

    // A tick that is late finds the one before still at work, and leaves it.
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
        catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
        {
            // The server is away, and so is the lock for everybody: tried again at the next tick.
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
        catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
        {
            return false;
        }
    }

    [LoggerMessage(
        LogLevel.Critical,
        "{Place} was taken by another grid while its connection was lost; this process ends"
    )]
    private static partial void LogTaken(ILogger log, string place);
}
