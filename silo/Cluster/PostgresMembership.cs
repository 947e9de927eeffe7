using System.Net.Sockets;
using Grid.Engine.Cluster;
using Grid.Silo.Stores.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Cluster;

/// <summary>
/// The membership of a cluster across machines: one row with the view, one for the beat of each silo, in the first database.
/// It has connections of its own, few, so that no load of states holds a beat up.
/// </summary>
internal sealed class PostgresMembership : IMembershipStore, IDisposable
{
    private const int ConnectionsMax = 4;

    private static readonly IReadOnlySet<MemberId> s_nobody = new HashSet<MemberId>();

    private readonly NpgsqlDataSource _source;

    /// <param name="database">The connection string of the first database.</param>
    /// <param name="timeout">How long one step may take, in whole seconds at least 1.</param>
    internal PostgresMembership(string database, TimeSpan timeout)
    {
        var settings = new NpgsqlConnectionStringBuilder(database)
        {
            Pooling = true,
            MinPoolSize = 0,
            MaxPoolSize = ConnectionsMax,
            Timeout = PostgresDatabase.WholeSeconds(timeout),
            CommandTimeout = PostgresDatabase.WholeSeconds(timeout),
            // A server that stalls would stall the request to cancel as well: the connection is dropped at once.
            CancellationTimeout = -1,
            Enlist = false,
            ApplicationName = "grid membership",
        };
        _source = NpgsqlDataSource.Create(settings);
    }

    /// <inheritdoc/>
    public Task<ClusterView?> ReadAsync(CancellationToken cancellation) => Guarded(
        async () =>
        {
            await using var command = _source.CreateCommand("SELECT view FROM grid_view");
            return await command.ExecuteScalarAsync(cancellation) is byte[] bytes ? ClusterView.Parse(bytes) : null;
        },
        whenNotMade: static () => null);

    /// <inheritdoc/>
    public Task<bool> TryWriteAsync(ClusterView next, CancellationToken cancellation) => Guarded(
        async () =>
        {
            // One statement: it takes the row's lock, and compares what stands when it has it.
            await using var command = _source.CreateCommand(
                """
                INSERT INTO grid_view AS stored (version, view) SELECT $1, $2 WHERE $1 = 1 OR EXISTS (SELECT FROM grid_view)
                ON CONFLICT (one) DO UPDATE SET version = excluded.version, view = excluded.view WHERE stored.version = excluded.version - 1
                """);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = next.Version });
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = next.ToBytes(), NpgsqlDbType = NpgsqlDbType.Bytea });
            return await command.ExecuteNonQueryAsync(cancellation) == 1;
        });

    /// <inheritdoc/>
    public Task<Pulse> BeatAsync(MemberId self, long beat, long known, CancellationToken cancellation) => Guarded(
        async () =>
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            // A transaction of its own: what is read next is of a moment at which others see the beat. It need not outlive the
            // server: after a crash every beat stands still until it is raised again.
            await using var command = new NpgsqlCommand(
                """
                SET LOCAL synchronous_commit = off;
                INSERT INTO grid_beats AS stored (name, incarnation, beat, known) VALUES (@name, @incarnation, @beat, @known)
                ON CONFLICT (name, incarnation) DO UPDATE SET beat = excluded.beat, known = excluded.known WHERE stored.beat < excluded.beat
                """,
                connection);
            command.Parameters.AddWithValue("name", self.Name);
            command.Parameters.AddWithValue("incarnation", self.Incarnation);
            command.Parameters.AddWithValue("beat", beat);
            command.Parameters.AddWithValue("known", known);
            await command.ExecuteNonQueryAsync(cancellation);
            return await PulseAsync(connection, cancellation);
        });

    /// <inheritdoc/>
    public Task<Pulse> ObserveAsync(CancellationToken cancellation) => Guarded(
        async () =>
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            return await PulseAsync(connection, cancellation);
        },
        whenNotMade: static () => new Pulse(0, new Dictionary<MemberId, long>(), s_nobody));

    /// <inheritdoc/>
    public Task ForgetAsync(MemberId id, CancellationToken cancellation) => Guarded(
        async () =>
        {
            await using var command = _source.CreateCommand("DELETE FROM grid_beats WHERE name = $1 AND incarnation = $2");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id.Name });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id.Incarnation });
            return await command.ExecuteNonQueryAsync(cancellation);
        });

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    // One statement, and so one moment: who is ahead of a view has its beats too.
    private static async Task<Pulse> PulseAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT COALESCE((SELECT version FROM grid_view), 0), beats.name, beats.incarnation, beats.beat, beats.known
            FROM (SELECT) AS one LEFT JOIN grid_beats AS beats ON true
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        long version = 0;
        var beats = new Dictionary<MemberId, long>();
        var known = new Dictionary<MemberId, long>();
        while (await reader.ReadAsync(cancellation))
        {
            version = reader.GetInt64(0);
            if (reader.IsDBNull(1))
                continue;
            var id = new MemberId(reader.GetString(1), reader.GetInt64(2));
            beats.Add(id, reader.GetInt64(3));
            known.Add(id, reader.GetInt64(4));
        }

        return new Pulse(version, beats, s_nobody) { Known = known };
    }

    // Before the first silo has made the tables there is no view; a reader is told so, and a writer that the store is not ready.
    private static async Task<T> Guarded<T>(Func<Task<T>> step, Func<T>? whenNotMade = null)
    {
        try
        {
            return await step();
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UndefinedTable && whenNotMade is not null)
        {
            return whenNotMade();
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException or SocketException or FormatException)
        {
            throw new MembershipException("The membership in PostgreSQL does not answer as it should.", fault);
        }
    }
}
