using Grid.Scans;
using Grid.Venues;
using Npgsql;
using NpgsqlTypes;
using Orleans.Serialization;

namespace Grid.Bench.Baselines.Rows;

/// <summary>
/// PostgreSQL through Npgsql, configured for speed as its documentation advises: one data source, pooled connections,
/// prepared statements, no reset on return. A display is one SELECT by key; a scan is one INSERT in a transaction of
/// its own, with the server's synchronous_commit.
/// </summary>
internal sealed class PostgresRows : IRowStore
{
    private const string Tables = """
        CREATE SCHEMA IF NOT EXISTS baseline;
        CREATE TABLE IF NOT EXISTS baseline.resident (id uuid PRIMARY KEY, state bytea NOT NULL);
        CREATE TABLE IF NOT EXISTS baseline.venue (id text PRIMARY KEY, venue bytea NOT NULL);
        CREATE TABLE IF NOT EXISTS baseline.visit (
            scan_id text PRIMARY KEY, venue_id text NOT NULL, resident uuid NOT NULL, at timestamptz NOT NULL,
            visit bytea NOT NULL);
        """;

    private readonly NpgsqlDataSource _source;
    private readonly Serializer _serializer;

    public PostgresRows(string connectionString, Serializer serializer)
    {
        _serializer = serializer;
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 8,
            AutoPrepareMinUsages = 1,
            NoResetOnClose = true,
            Enlist = false,
        };
        _source = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).Build();
    }

    /// <inheritdoc/>
    public async Task FillAsync(IEnumerable<(Guid Key, ResidentRow Row)> residents, CancellationToken cancel)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, $"{Tables} TRUNCATE baseline.resident", cancel);
        await using (
            var copy = await connection.BeginBinaryImportAsync(
                "COPY baseline.resident (id, state) FROM STDIN (FORMAT BINARY)",
                cancel
            )
        )
        {
            foreach (var (key, row) in residents)
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(key, NpgsqlDbType.Uuid, cancel);
                await copy.WriteAsync(_serializer.SerializeToArray(row), NpgsqlDbType.Bytea, cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        await ExecuteAsync(connection, "VACUUM ANALYZE baseline.resident", cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<ResidentRow?> ReadAsync(Guid resident) =>
        await ReadAsync("SELECT state FROM baseline.resident WHERE id = $1", resident) is { } row
            ? _serializer.Deserialize<ResidentRow>(row)
            : null;

    /// <inheritdoc/>
    public async ValueTask<VisitReceipt> AppendAsync(Visit visit, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(
            """
            INSERT INTO baseline.visit (scan_id, venue_id, resident, at, visit) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
            """
        );
        Add(command, visit.ScanId);
        Add(command, visit.VenueId);
        Add(command, visit.Resident);
        Add(command, visit.RecordedAt.UtcDateTime);
        Add(command, _serializer.SerializeToArray(visit));
        if (await command.ExecuteNonQueryAsync(cancellation) == 1)
            return new VisitReceipt(VisitStatus.Recorded, visit);
        var first = await ReadAsync("SELECT visit FROM baseline.visit WHERE scan_id = $1", visit.ScanId);
        return IRowStore.Repeated(visit, _serializer.Deserialize<Visit>(first!)!);
    }

    /// <inheritdoc/>
    public async ValueTask<Venue?> ReadVenueAsync(string venueId) =>
        await ReadAsync("SELECT venue FROM baseline.venue WHERE id = $1", venueId) is { } row
            ? _serializer.Deserialize<Venue>(row)
            : null;

    /// <inheritdoc/>
    public async Task WriteVenueAsync(string venueId, Venue venue)
    {
        await using var command = _source.CreateCommand(
            """
            INSERT INTO baseline.venue (id, venue) VALUES ($1, $2)
            ON CONFLICT (id) DO UPDATE SET venue = excluded.venue
            """
        );
        Add(command, venueId);
        Add(command, _serializer.SerializeToArray(venue));
        await command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async ValueTask<byte[]?> ReadAsync<TKey>(string sql, TKey key)
    {
        await using var command = _source.CreateCommand(sql);
        Add(command, key);
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SingleRow);
        return await reader.ReadAsync() ? reader.GetFieldValue<byte[]>(0) : null;
    }

    private static void Add<T>(NpgsqlCommand command, T value) =>
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        foreach (
            var statement in sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        )
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
