using Grid.Scans;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Stores;

/// <summary>
/// The writing connection of a file and its statements. Used by the file's writer thread alone, after the opening.
/// </summary>
internal sealed class FileWriter : IGroupWriter, IDisposable
{
    private const int TextScratchBytes = 4_096;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _epoch;
    private readonly Dictionary<string, StateTable> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<int, VisitTable> _visits = [];
    private readonly HashSet<string> _tables;
    private readonly List<string> _tablesAdded = [];
    private readonly int _checkpointPages;
    private bool _tablesDropped;
    private byte[] _textScratch = GC.AllocateUninitializedArray<byte>(TextScratchBytes, pinned: true);

    private FileWriter(SqliteDatabase database, int checkpointPages)
    {
        _database = database;
        _checkpointPages = checkpointPages;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _rollback = database.Prepare("ROLLBACK");
        _epoch = database.Prepare("SELECT epoch FROM owner");
        _tables = [.. TableNames(database)];
    }

    /// <summary>The tables that are committed.</summary>
    internal IReadOnlyCollection<string> Tables => _tables;

    /// <summary>Opens a file, makes it when it is missing, and brings its schema up to date.</summary>
    internal static FileWriter Open(string path, StoreOptions options, int pageBytes, StoreSchema schema)
    {
        var database = new SqliteDatabase(path, readOnly: false, options.BusyTimeout);
        try
        {
            database.Execute(
                $"""
                PRAGMA page_size = {pageBytes};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA cache_size = -{options.WriterCacheBytes / 1024};
                PRAGMA temp_store = MEMORY;
                PRAGMA foreign_keys = OFF;
                """);
            schema.Migrate(database, path);
            database.WatchWal();
            return new FileWriter(database, options.CheckpointPages);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Makes this the file of a newer epoch; an owner with an older one can't commit from then on.</summary>
    /// <exception cref="StoreException">The file belongs to this epoch's owner or a newer one already.</exception>
    internal void Claim(long epoch)
    {
        _database.Execute("BEGIN IMMEDIATE");
        var stored = _database.Scalar("SELECT epoch FROM owner");
        if (stored < epoch)
            _database.Execute($"UPDATE owner SET epoch = {epoch}");
        _database.Execute("COMMIT");
        if (stored > epoch)
            throw Fenced(stored, epoch);
    }

    /// <summary>The epoch that the file keeps.</summary>
    internal long StoredEpoch() => _database.Scalar("SELECT epoch FROM owner");

    /// <summary>Opens a transaction, unless a newer owner has claimed the file.</summary>
    internal void Begin(long epoch)
    {
        _begin.Run();
        _epoch.Step();
        var stored = _epoch.Int64(0);
        _epoch.Reset();
        if (stored == epoch)
            return;
        _rollback.Run();
        throw Fenced(stored, epoch);
    }

    /// <summary>Makes the transaction durable.</summary>
    /// <returns>The tables that it made.</returns>
    internal string[] Commit()
    {
        _commit.Run();
        string[] added = [.. _tablesAdded];
        _tablesAdded.Clear();
        _tablesDropped = false;
        return added;
    }

    /// <summary>Undoes the transaction, if one is open.</summary>
    internal void Rollback()
    {
        if (_database.InTransaction)
            _rollback.Run();
        if (_tablesAdded.Count == 0 && !_tablesDropped)
            return;
        // There are statements of tables that exist no more.
        ForgetStatements();
        _tablesAdded.Clear();
        _tablesDropped = false;
        _tables.Clear();
        _tables.UnionWith(TableNames(_database));
    }

    /// <inheritdoc/>
    public void Write(StateWork state) => state.Outcome = States(state.Table, state.HasPending)
        .Write(state.Key, state.Known, state.Pending, state.State.Span, state.Clear);

    /// <inheritdoc/>
    public void Write(Visit visit, IVisitTarget target, int index) => target.Receive(index, VisitWriting.Write(this, visit));

    /// <summary>Copies the log to the file when it has grown; between two commits, when nobody waits for it.</summary>
    internal void CheckpointIfDue()
    {
        if (_database.WalFrames >= _checkpointPages)
            _database.Checkpoint();
    }

    /// <summary>The table of a kind of state, made when it is missing.</summary>
    internal StateTable States(string table, bool hasPending)
    {
        if (!_states.TryGetValue(table, out var states))
        {
            Ensure(table, StateTable.Sql(table, hasPending));
            _states.Add(table, states = new StateTable(_database, table));
        }

        return states;
    }

    /// <summary>The visits of a day, null when there are none and none are to be written.</summary>
    internal VisitTable? FindVisits(int day) =>
        _visits.TryGetValue(day, out var visits) || !_tables.Contains(VisitTable.NameOf(day)) ? visits : Visits(day);

    /// <summary>The visits of a day; the table is made when it is missing.</summary>
    internal VisitTable Visits(int day)
    {
        if (!_visits.TryGetValue(day, out var visits))
        {
            Ensure(VisitTable.NameOf(day), VisitTable.Sql(day));
            _visits.Add(day, visits = new VisitTable(_database, day));
        }

        return visits;
    }

    /// <summary>Runs statements within the transaction.</summary>
    internal void Execute(string sql) => _database.Execute(sql);

    /// <summary>Room for the texts of one row, until the next row.</summary>
    internal byte[] TextScratch(int bytes)
    {
        if (bytes > _textScratch.Length)
            _textScratch = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        return _textScratch;
    }

    /// <summary>Drops a table within the transaction.</summary>
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
        _epoch.Dispose();
        _database.Dispose();
    }

    /// <summary>All tables of a connection.</summary>
    internal static List<string> TableNames(SqliteDatabase database)
    {
        var names = new List<string>();
        using var statement = database.Prepare("SELECT name FROM sqlite_master WHERE type = 'table'");
        while (statement.Step())
            names.Add(statement.Text(0));
        return names;
    }

    private static StoreException Fenced(long stored, long own) =>
        new(StoreFaults.Fenced, $"The file belongs to epoch {stored}; this owner's is {own}.");

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
