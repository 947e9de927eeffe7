using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Grid.Bench.Baselines;

/// <summary>
/// SQLite through Microsoft.Data.Sqlite: one file, one writing connection behind a lock, a commit for each scan, WAL and
/// synchronous=FULL; readers have connections of their own.
/// </summary>
internal sealed class SqliteStore : ICodeStore
{
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqliteCommand> _readers = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SqliteConnection _writer;
    private SqliteCommand? _insert;

    public SqliteStore(string file)
    {
        SQLitePCL.Batteries_V2.Init();
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString;
        _writer = Open();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public Task PrepareAsync(int residents, CancellationToken cancel)
    {
        Execute(_writer,
            """
            CREATE TABLE IF NOT EXISTS resident (id BLOB PRIMARY KEY, view BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS visit (scan_id BLOB PRIMARY KEY, venue_id TEXT NOT NULL, token TEXT NOT NULL, at INTEGER NOT NULL);
            """);
        using var transaction = _writer.BeginTransaction();
        using var insert = _writer.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "INSERT OR IGNORE INTO resident VALUES ($id, $view)";
        var id = insert.Parameters.Add("$id", SqliteType.Blob);
        var view = insert.Parameters.Add("$view", SqliteType.Blob);
        for (var i = 0; i < residents; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var resident = BaselineIds.Resident(i);
            id.Value = resident.ToByteArray(bigEndian: true);
            view.Value = System.Text.Encoding.UTF8.GetBytes(DisplaySample.Json(resident));
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
        _insert = PrepareInsert();
        return Task.CompletedTask;
    }

    private SqliteCommand PrepareInsert()
    {
        var insert = _writer.CreateCommand();
        insert.CommandText = "INSERT OR IGNORE INTO visit VALUES ($scan, $venue, $token, $at)";
        insert.Parameters.Add("$scan", SqliteType.Blob);
        insert.Parameters.Add("$venue", SqliteType.Text);
        insert.Parameters.Add("$token", SqliteType.Text);
        insert.Parameters.Add("$at", SqliteType.Integer);
        insert.Prepare();
        return insert;
    }

    public ValueTask<byte[]?> DisplayAsync(Guid residentId, CancellationToken cancel)
    {
        if (!_readers.TryTake(out var command))
        {
            command = Open().CreateCommand();
            command.CommandText = "SELECT view FROM resident WHERE id = $id";
            command.Parameters.Add("$id", SqliteType.Blob);
            command.Prepare();
        }
        command.Parameters[0].Value = residentId.ToByteArray(bigEndian: true);
        var view = (byte[]?)command.ExecuteScalar();
        _readers.Add(command);
        return ValueTask.FromResult(view);
    }

    public async ValueTask<bool> RecordAsync(Visit visit, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var insert = _insert!;
            insert.Parameters[0].Value = visit.ScanId.ToByteArray(bigEndian: true);
            insert.Parameters[1].Value = visit.VenueId;
            insert.Parameters[2].Value = visit.Token;
            insert.Parameters[3].Value = visit.At.ToUnixTimeMilliseconds();
            return insert.ExecuteNonQuery() == 1;
        }
        finally
        {
            _turn.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            var connection = reader.Connection;
            reader.Dispose();
            connection?.Dispose();
        }
        _insert?.Dispose();
        _writer.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }
}
