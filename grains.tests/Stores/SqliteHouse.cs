using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

/// <summary>A SQLite store in a temporary folder.</summary>
internal sealed class SqliteHouse : StoreHouse
{
    private readonly TemporaryFolder _folder = new();

    internal SqliteHouse() => Options = new StoreOptions { Sqlite = { Folder = Path.Combine(_folder.Path, "store") } };

    internal StoreOptions Options { get; }

    internal SqliteSchema Schema { get; set; } = SqliteSchema.Current;

    internal SqliteStore Store { get; private set; } = null!;

    internal string FilePath(int number = 0) => Path.Combine(Options.Sqlite.Folder, $"grid-{number:00}.db");

    internal override SqliteHouse Open()
    {
        Close();
        Store = Another();
        States = new GridGrainStorage(new SqliteStates(Store));
        Visits = new SqliteVisitLog(Store);
        Loader = new SqliteLoader(Store);
        return this;
    }

    /// <summary>Opens a second store on the same folder.</summary>
    internal SqliteStore Another() => new(Options, Services(), Schema);

    internal override void UseOneWriter(int? maxGroupRows = null, int? maxQueueRows = null)
    {
        Options.Sqlite.Files = 1;
        Options.MaxGroupRows = maxGroupRows ?? Options.MaxGroupRows;
        Options.MaxQueueRows = maxQueueRows ?? Options.MaxQueueRows;
    }

    internal override WriterStop Stop() => new FileStop(FilePath());

    internal override void Close() => Store?.Dispose();

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    /// <summary>Holds the file's write lock.</summary>
    private sealed class FileStop : WriterStop
    {
        private readonly SqliteDatabase _database;

        internal FileStop(string path)
        {
            _database = new SqliteDatabase(path, readOnly: false, TimeSpan.FromSeconds(5));
            _database.Execute("BEGIN IMMEDIATE");
        }

        public override void Dispose() => _database.Dispose();

        protected override void GoOn() => _database.Execute("ROLLBACK");
    }
}
