using System.Diagnostics.Metrics;
using Grid.Silo.Stores.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores;

/// <summary>
/// The store in the data folder: the 1,024 partitions in a few SQLite files, each with one writer. Everything that the
/// grains keep and every visit lies in the file of its partition.
/// </summary>
public sealed class SqliteStore : IDisposable
{
    private static readonly TimeSpan s_watchPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lookMax = TimeSpan.FromSeconds(1);

    private readonly StoreFile?[] _files;
    private readonly StoreManifest _manifest;
    private readonly StoreOptions _options;
    private readonly StoreServices _services;
    private readonly StoreSchema _schema;
    private readonly ITimer _watch;

    /// <summary>Opens the folder and all its files as their only owner.</summary>
    /// <exception cref="StoreException">
    /// The folder is of a newer version, damaged, or in use: <see cref="StoreFaults"/> says which.
    /// </exception>
    internal SqliteStore(IOptions<StoreOptions> options, StoreMetrics metrics, TimeProvider time, ILogger<SqliteStore> log)
        : this(options.Value, new StoreServices(metrics, time, log), StoreSchema.Current, OpenAll)
    {
    }

    internal SqliteStore(StoreOptions options, StoreServices services, StoreSchema schema, Action<SqliteStore> open)
    {
        _options = options;
        _services = services;
        _schema = schema;
        _manifest = Manifest(options);
        if (System.IO.File.Exists(Path.Combine(options.Folder, Filling.Name)))
            throw Filling.Unfinished(options.Folder);
        _files = new StoreFile?[_manifest.Files];
        try
        {
            open(this);
        }
        catch
        {
            CloseAll();
            throw;
        }

        services.Metrics.Watch(QueueLengths);
        _watch = services.Time.CreateTimer(static store => ((SqliteStore)store!).Watch(), this, s_watchPeriod, s_watchPeriod);
    }

    /// <summary>The folder with none of its files open: a cluster says which, and under which epoch.</summary>
    /// <exception cref="StoreException">As the constructor.</exception>
    internal static SqliteStore WithoutFiles(StoreOptions options, IMeterFactory meters, TimeProvider time, ILogger<SqliteStore> log) =>
        new(options, new StoreServices(new StoreMetrics(meters), time, log), StoreSchema.Current, OpenNone);

    /// <summary>Raised, on a file's own thread, when its group met a newer epoch.</summary>
    internal event Action<int>? Fenced;

    /// <summary>Files that the partitions are cut into.</summary>
    public int Files => _files.Length;

    /// <summary>The settings.</summary>
    internal StoreOptions Options => _options;

    /// <summary>Those files that this process owns.</summary>
    internal IEnumerable<StoreFile> OpenFiles => _files.OfType<StoreFile>();

    /// <summary>The file of a partition.</summary>
    /// <exception cref="StoreException">This process does not own it.</exception>
    internal StoreFile FileOf(int partition) => File(StoreOptions.FileOf(partition, _files.Length));

    /// <summary>A file by its number.</summary>
    /// <exception cref="StoreException">This process does not own it.</exception>
    internal StoreFile File(int number) => Volatile.Read(ref _files[number])
        ?? throw new StoreException(StoreFaults.NotOwned, $"File {number} of {_options.Folder} is not owned by this process.");

    /// <summary>
    /// Opens a file under an owner's epoch, which fences every owner with an older one. Without an epoch the file is locked
    /// for this process alone.
    /// </summary>
    /// <exception cref="StoreException">A newer owner has it, or it can't be read.</exception>
    internal void OpenFile(int number, long? epoch)
    {
        var file = StoreFile.Open(number, _manifest, _options, _services, _schema, epoch);
        file.Fenced = () => Fenced?.Invoke(number);
        if (Interlocked.CompareExchange(ref _files[number], file, null) is null)
            return;
        file.Dispose();
        throw new InvalidOperationException($"File {number} is open already.");
    }

    /// <summary>The epoch of the last owner of a file, whoever has it.</summary>
    /// <exception cref="StoreException">It can't be read.</exception>
    internal long EpochOf(int number)
    {
        var path = StoreFile.PathOf(_options, number);
        try
        {
            using var reader = new FileReader(path, _options);
            return reader.StoredEpoch();
        }
        catch (SqliteException fault)
        {
            throw new StoreException(StoreFaults.Unavailable, $"{path} can't be read.", fault);
        }
    }

    /// <summary>Writes what waits for a file, and gives it up.</summary>
    internal void CloseFile(int number) => Interlocked.Exchange(ref _files[number], null)?.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        CloseAll();
    }

    internal static void OpenAll(SqliteStore store)
    {
        for (var number = 0; number < store.Files; number++)
            store.OpenFile(number, epoch: null);
    }

    /// <summary>
    /// Looks at every file that is there and opens none. A silo that found out only when a file falls to it would be a member by
    /// then, and keep from the others what it can't serve.
    /// </summary>
    internal static void OpenNone(SqliteStore store)
    {
        for (var number = 0; number < store.Files; number++)
            store.RefuseNewer(StoreFile.PathOf(store._options, number));
    }

    private void RefuseNewer(string path)
    {
        if (!System.IO.File.Exists(path))
            return;
        try
        {
            using var database = new SqliteDatabase(path, readOnly: true, s_lookMax);
            if (database.Scalar("PRAGMA user_version") is var found && found > _schema.Version)
                throw StoreManifest.Newer(path, found, _schema.Version);
        }
        catch (SqliteException)
        {
            // Its owner hears of that when it opens the file; this process may never own it.
        }
    }

    private static StoreManifest Manifest(StoreOptions options)
    {
        try
        {
            return StoreManifest.ReadOrCreate(options);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFaults.Unavailable, $"The store's folder {options.Folder} can't be used.", fault);
        }
    }

    private void CloseAll()
    {
        for (var number = 0; number < _files.Length; number++)
            CloseFile(number);
    }

    private void Watch()
    {
        foreach (var file in OpenFiles)
            file.Watch();
    }

    private IEnumerable<Measurement<int>> QueueLengths() =>
        OpenFiles.Select(file => new Measurement<int>(file.QueuedRows, new KeyValuePair<string, object?>("file", file.Number)));
}
