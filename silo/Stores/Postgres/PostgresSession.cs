using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The connection of a lane, made when it is needed and again when it was lost. Before it is used again, the server's
/// process behind the lost one is ended, so that nothing of it is committed later.
/// </summary>
internal sealed class PostgresSession(
    PostgresDatabase database,
    string role,
    TimeSpan timeout,
    StoreServices services,
    TimeSpan reopenDelay
) : IDisposable
{
    // Tells the server's processes of this lane from those of all others.
    private readonly string _name = $"grid {role} {Guid.NewGuid():N}";
    private NpgsqlConnection? _connection;
    private int _backend;
    private int _lost;
    private long _reopenAt;

    /// <summary>The connection, ready for use.</summary>
    /// <exception cref="StoreException">It was lost a moment ago.</exception>
    internal NpgsqlConnection Connection()
    {
        if (_connection is not null)
            return _connection;
        var now = services.Time.GetTimestamp();
        if (now < _reopenAt)
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"{database.Place} was lost and will be tried again in a moment."
            );
        _reopenAt = now + (long)(reopenDelay.TotalSeconds * services.Time.TimestampFrequency);
        var connection = database.Open();
        try
        {
            Prepare(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        _reopenAt = 0;
        _backend = connection.ProcessID;
        return _connection = connection;
    }

    /// <summary>A command with the lane's time-out.</summary>
    internal NpgsqlBatch Batch() => new(Connection()) { Timeout = PostgresDatabase.WholeSeconds(timeout) };

    /// <summary>After a fault: keeps the connection if it is in order, else lets it go.</summary>
    internal void Check(Exception fault)
    {
        if (_connection is null)
            return;
        // The server says what is wrong with a statement and goes on; whatever else happened, the connection is in doubt.
        if (
            fault is PostgresException
            && _connection.FullState == System.Data.ConnectionState.Open
            && TryUnprepare(_connection)
        )
            return;
        _lost = _backend;
        _connection.Dispose();
        _connection = null;
    }

    // A statement that was refused while it was being prepared counts as prepared with the driver, which then expects no rows
    // of it (Npgsql 10.0.0). All are prepared anew.
    private static bool TryUnprepare(NpgsqlConnection connection)
    {
        try
        {
            connection.UnprepareAll();
            return true;
        }
        catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection?.Dispose();

    private void Prepare(NpgsqlConnection connection)
    {
        var milliseconds = (long)timeout.TotalMilliseconds;
        // Plans are those of a look-up by key whatever the statistics say, and are made once. An acknowledged write is on
        // the disk even where the server's default is otherwise.
        using var command = new NpgsqlCommand(
            $"""
            SET application_name = '{_name}';
            SET statement_timeout = {milliseconds};
            SET lock_timeout = {milliseconds};
            SET idle_in_transaction_session_timeout = {milliseconds};
            SET jit = off;
            SET plan_cache_mode = force_generic_plan;
            SET enable_hashjoin = off;
            SET enable_mergejoin = off;
            SET enable_seqscan = off;
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
            SELECT pg_terminate_backend(pid, {milliseconds}) FROM pg_stat_activity
            WHERE pid = {_lost} AND pid <> pg_backend_pid() AND application_name = '{_name}';
            """,
            connection
        )
        {
            CommandTimeout = PostgresDatabase.WholeSeconds(timeout),
        };
        command.ExecuteNonQuery();
        _lost = 0;
    }
}
