using Grid.Scans;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The write connection of a file and its statements. After opening, only the file's writer thread uses it.
/// </summary>
internal sealed class SqliteWriter : IGroupWriter, IDisposable
{
    private const int TextScratchBytes = 4_096;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly Dictionary<string, SqliteStateTable> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<int, SqliteVisitTable> _visits = [];
    private readonly HashSet<string> _tables;
    private readonly List<string> _tablesAdded = [];
    private readonly int _checkpointPages;
    private bool _tablesDropped;
    private byte[] _textScratch = GC.AllocateUninitializedArray<byte>(TextScratchBytes);

    private SqliteWriter(SqliteDatabase database, int checkpointPages)
    {
        _database = database;
        _checkpointPages = checkpointPages;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _rollback = database.Prepare("ROLLBACK");
        _tables = [.. NamesOf(database)];
    }

    /// <summary>The committed tables.</summary>
    internal IReadOnlyCollection<string> Tables => _tables;

    /// <summary>Opens a file, or creates it in a new folder, and upgrades its schema.</summary>
    internal static SqliteWriter Open(
        string path,
        int number,
        StoreOptions options,
        SqliteManifest manifest,
        SqliteSchema schema,
        bool isNew
    )
    {
        OwnerOnly.Protect(path, mayCreate: isNew);
        var database = new SqliteDatabase(path, readOnly: false, options.Sqlite.BusyTimeout, mayCreate: isNew);
        try
        {
            database.Execute(
                $"""
                PRAGMA page_size = {manifest.PageBytes};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA cache_size = -{options.Sqlite.WriterCacheBytes / 1024};
                PRAGMA temp_store = MEMORY;
                PRAGMA foreign_keys = OFF;
                """
            );
            schema.Migrate(database, path, number, manifest.Files, isNew);
            Check(database, path, options.Sqlite.MaxCheckBytes);
            return new SqliteWriter(database, options.Sqlite.CheckpointPages);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    // Undetected damage could hide residents, who would then be registered anew.
    private static void Check(SqliteDatabase database, string path, long maxBytes)
    {
        if (new FileInfo(path).Length > maxBytes)
            return;
        if (database.Texts("PRAGMA quick_check(1)") is var found && found is not ["ok"])
            throw new StoreException(
                StoreErrorCodes.Damaged,
                $"{path} is damaged ({string.Join(' ', found)}): restore the folder from a backup. Nothing was changed."
            );
    }

    /// <summary>Opens a transaction.</summary>
    internal void Begin() => _begin.Run();

    /// <summary>Makes the transaction durable.</summary>
    /// <returns>The tables that the transaction created.</returns>
    internal string[] Commit()
    {
        _commit.Run();
        string[] added = [.. _tablesAdded];
        _tablesAdded.Clear();
        _tablesDropped = false;
        return added;
    }

    /// <summary>Rolls back the open transaction, if any.</summary>
    internal void Rollback()
    {
        if (_database.InTransaction)
            _rollback.Run();
        if (_tablesAdded.Count == 0 && !_tablesDropped)
            return;
        // Some statements refer to tables that no longer exist.
        ForgetStatements();
        _tablesAdded.Clear();
        _tablesDropped = false;
        _tables.Clear();
        _tables.UnionWith(NamesOf(_database));
    }

    /// <inheritdoc/>
    public void Write(StateWork state) =>
        state.Outcome = States(state.Table, state.HasPending)
            .Write(state.Key, state.Known, state.Pending, state.State.Span, state.Clear);

    /// <inheritdoc/>
    public void Write(Visit visit, IVisitTarget target, int index) =>
        target.Receive(index, SqliteVisits.Write(this, visit));

    /// <summary>Copies a grown log to the file; called between two commits, when no caller waits.</summary>
    internal void CheckpointIfDue()
    {
        if (_database.PagesWritten >= _checkpointPages)
            _database.Checkpoint();
    }

    /// <summary>The table of a kind of state; created if missing.</summary>
    internal SqliteStateTable States(string table, bool hasPending)
    {
        if (!_states.TryGetValue(table, out var states))
        {
            Ensure(table, SqliteStateTable.Sql(table, hasPending));
            _states.Add(table, states = new SqliteStateTable(_database, table));
        }

        return states;
    }

    /// <summary>The visits of a day; null if there are none.</summary>
    internal SqliteVisitTable? FindVisits(int day) =>
        _visits.TryGetValue(day, out var visits) || !_tables.Contains(TableNames.OfDay(day)) ? visits : Visits(day);

    /// <summary>The visits of a day; the table is created if missing.</summary>
    internal SqliteVisitTable Visits(int day)
    {
        if (!_visits.TryGetValue(day, out var visits))
        {
            Ensure(TableNames.OfDay(day), SqliteVisitTable.Sql(day));
            _visits.Add(day, visits = new SqliteVisitTable(_database, day));
        }

        return visits;
    }

    /// <summary>Runs statements in the transaction.</summary>
    internal void Execute(string sql) => _database.Execute(sql);

    /// <summary>A buffer for one text of a row, until it is bound.</summary>
    internal byte[] TextScratch(int bytes)
    {
        if (bytes > _textScratch.Length)
            _textScratch = GC.AllocateUninitializedArray<byte>(bytes);
        return _textScratch;
    }

    /// <summary>Drops a table in the transaction.</summary>
    internal void Drop(string table)
    {
        if (!_tables.Remove(table))
            return;
        _tablesDropped = true;
        ForgetStatements();
        _database.Execute($"DROP TABLE \"{table}\"");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ForgetStatements();
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        _database.Dispose();
    }

    /// <summary>All tables of a connection.</summary>
    internal static List<string> NamesOf(SqliteDatabase database)
    {
        var names = new List<string>();
        using var statement = database.Prepare("SELECT name FROM sqlite_master WHERE type = 'table'");
        while (statement.Step())
            names.Add(statement.Text(0));
        return names;
    }

    private void Ensure(string table, string sql)
    {
        if (!_tables.Add(table))
            return;
        _tablesAdded.Add(table);
        _database.Execute(sql);
    }

    private void ForgetStatements()
    {
        foreach (var states in _states.Values)
            states.Dispose();
        foreach (var visits in _visits.Values)
            visits.Dispose();
        _states.Clear();
        _visits.Clear();
    }
}
