using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The connection of a lane, opened on demand and reopened after a loss. Before reuse, the lost connection's server
/// process is ended, so that it can't commit anything later.
/// </summary>
internal sealed class PostgresSession(
    PostgresDatabase database,
    string role,
    TimeSpan timeout,
    StoreServices services,
    TimeSpan reopenDelay
) : IDisposable
{
    // Identifies this lane's server processes.
    private readonly string _name = $"grid {role} {Guid.NewGuid():N}";
    private NpgsqlConnection? _connection;
    private int _backend;
    private int _lost;
    private long _reopenAt;

    /// <summary>The connection, ready for use.</summary>
    /// <exception cref="StoreException">The connection was lost a moment ago.</exception>
    internal NpgsqlConnection Connection()
    {
        if (_connection is not null)
            return _connection;
        var now = services.Time.GetTimestamp();
        if (now < _reopenAt)
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"{database.Place} was lost; it is reopened in a moment."
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

    /// <summary>After an exception: keeps an intact connection, closes any other.</summary>
    internal void Check(Exception exception)
    {
        if (_connection is null)
            return;
        // After a statement error the server continues; after any other error the connection is in doubt.
        if (
            exception is PostgresException
            && _connection.FullState == System.Data.ConnectionState.Open
            && TryUnprepare(_connection)
        )
            return;
        _lost = _backend;
        _connection.Dispose();
        _connection = null;
    }

    // Npgsql 10.0.0 treats a statement that failed during preparation as prepared and expects no rows from it.
    // Unprepare all statements, so that they are prepared again.
    private static bool TryUnprepare(NpgsqlConnection connection)
    {
        try
        {
            connection.UnprepareAll();
            return true;
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection?.Dispose();

    private void Prepare(NpgsqlConnection connection)
    {
        var milliseconds = (long)timeout.TotalMilliseconds;
        // Force look-ups by key regardless of statistics, planned once. Acknowledged writes must be on disk even if the
        // server's default differs.
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
