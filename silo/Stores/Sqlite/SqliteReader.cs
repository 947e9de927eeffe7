namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// A read connection to a file, used by one thread at a time. A read sees the rows committed when it starts.
/// </summary>
internal sealed class SqliteReader(string path, StoreOptions options) : IDisposable
{
    private readonly SqliteDatabase _database = Open(path, options);
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteStatement> _findState = new(StringComparer.Ordinal);

    /// <summary>The statement with this text, prepared once.</summary>
    internal SqliteStatement Prepared(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
            _statements.Add(sql, statement = _database.Prepare(sql));
        return statement;
    }

    /// <summary>Version, id and bytes of the state in row ?1.</summary>
    internal SqliteStatement FindState(string table)
    {
        if (!_findState.TryGetValue(table, out var statement))
        {
            statement = Prepared($"SELECT version, id, state FROM \"{table}\" WHERE row = ?1");
            _findState.Add(table, statement);
        }

        return statement;
    }

    /// <summary>Row and id of the first ?2 states with pending work after row ?1.</summary>
    internal SqliteStatement PendingStates(string table) =>
        Prepared($"SELECT row, id FROM \"{table}\" WHERE pending <> 0 AND row > ?1 ORDER BY row LIMIT ?2");

    /// <summary>Whether states of this table can have pending work.</summary>
    internal bool HasPendingIndex(string table) =>
        _database.Scalar(
            "SELECT count(*) FROM sqlite_master WHERE type = 'index'"
                + $" AND name = '{SqliteStateTable.PendingIndexOf(table)}'"
        ) > 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        _findState.Clear();
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _database.Dispose();
    }

    private static SqliteDatabase Open(string path, StoreOptions options)
    {
        var database = new SqliteDatabase(path, readOnly: true, options.Sqlite.BusyTimeout);
        try
        {
            database.Execute($"PRAGMA cache_size = -{options.Sqlite.ReaderCacheBytes / 1024}");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
