using Npgsql;
using NpgsqlTypes;

namespace Grid.Bench.Baselines;

/// <summary>
/// PostgreSQL through Npgsql as its documentation advises for speed: one data source, pooled connections, statements
/// prepared once on each, no reset on return. Each scan commits by itself, with the server's own synchronous_commit.
/// </summary>
internal sealed class PostgresStore : ICodeStore
{
    private const string Display = "SELECT view FROM grid_baseline.resident WHERE id = $1";

    private const string Record =
        "INSERT INTO grid_baseline.visit (scan_id, venue_id, token, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    private readonly NpgsqlDataSource _source;

    public PostgresStore(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 8,
            AutoPrepareMinUsages = 1,
            NoResetOnClose = true,
            Enlist = false,
        };
        _source = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).Build();
    }

    public async Task PrepareAsync(int residents, CancellationToken cancel)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection,
            """
            CREATE SCHEMA IF NOT EXISTS grid_baseline;
            CREATE TABLE IF NOT EXISTS grid_baseline.resident (id uuid PRIMARY KEY, view text NOT NULL);
            CREATE TABLE IF NOT EXISTS grid_baseline.visit (
                scan_id uuid PRIMARY KEY, venue_id text NOT NULL, token text NOT NULL, at timestamptz NOT NULL);
            """, cancel);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM grid_baseline.resident", connection);
        if ((long)(await count.ExecuteScalarAsync(cancel))! >= residents)
            return;
        await ExecuteAsync(connection, "TRUNCATE grid_baseline.resident", cancel);
        await CopyAsync(connection, residents, cancel);
        await ExecuteAsync(connection, "VACUUM ANALYZE grid_baseline.resident", cancel);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, int residents, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY grid_baseline.resident (id, view) FROM STDIN (FORMAT BINARY)", cancel);
        for (var i = 0; i < residents; i++)
        {
            var id = BaselineIds.Resident(i);
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(id, NpgsqlDbType.Uuid, cancel);
            await copy.WriteAsync(DisplaySample.Json(id), NpgsqlDbType.Text, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async ValueTask<byte[]?> DisplayAsync(Guid residentId, CancellationToken cancel)
    {
        await using var command = _source.CreateCommand(Display);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = residentId });
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SingleRow, cancel);
        return await reader.ReadAsync(cancel) ? reader.GetFieldValue<byte[]>(0) : null;
    }

    public async ValueTask<bool> RecordAsync(Visit visit, CancellationToken cancel)
    {
        await using var command = _source.CreateCommand(Record);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = visit.ScanId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = visit.VenueId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = visit.Token });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = visit.At.UtcDateTime });
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
