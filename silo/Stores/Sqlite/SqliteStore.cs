using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The store in the data folder: 1,024 partitions in a few SQLite files, each with one writer. States and visits are
/// stored in the file of their partition.
/// </summary>
public sealed partial class SqliteStore : IDisposable
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(100);

    private readonly SqliteFile[] _files;
    private readonly StoreOptions _options;
    private readonly StoreServices _services;
    private readonly OwnerLock _lock;
    private readonly ITimer _watch;

    /// <summary>Opens the folder and its files as their only owner.</summary>
    /// <exception cref="StoreException">
    /// The folder has another version, is damaged or in use; <see cref="StoreErrorCodes"/> tells which.
    /// </exception>
    internal SqliteStore(
        IOptions<StoreOptions> options,
        StoreMetrics metrics,
        TimeProvider time,
        ILogger<SqliteStore> log
    )
        : this(options.Value, new StoreServices(metrics, time, log), SqliteSchema.Current) { }

    internal SqliteStore(StoreOptions options, StoreServices services, SqliteSchema schema)
    {
        (_options, _services) = (options, services);
        _lock = Lock(options.Sqlite.Folder);
        var files = new List<SqliteFile>();
        try
        {
            var isNew = !SqliteManifest.IsIn(options.Sqlite.Folder);
            var manifest = isNew
                ? new SqliteManifest(SqliteManifest.LayoutNow, options.Sqlite.Files, options.Sqlite.PageBytes)
                : SqliteManifest.Read(options.Sqlite.Folder);
            if (File.Exists(Path.Combine(options.Sqlite.Folder, Filling.Name)))
                throw Filling.Unfinished(options.Sqlite.Folder);
            for (var number = 0; number < manifest.Files; number++)
                files.Add(Open(number, manifest, schema, isNew));
            if (isNew)
                manifest.Write(options.Sqlite.Folder);
            Reserve.Keep(options.Sqlite.Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Close(files);
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"{options.Sqlite.Folder} can't be used ({exception.Message}).",
                exception
            );
        }
        catch
        {
            Close(files);
            throw;
        }

        _files = [.. files];
        services.Metrics.Watch(QueueLengths);
        _watch = services.Time.CreateTimer(
            static store => ((SqliteStore)store!).Watch(),
            this,
            WatchPeriod,
            WatchPeriod
        );
    }

    /// <summary>The settings.</summary>
    internal StoreOptions Options => _options;

    /// <summary>The files that the partitions are divided into, in order.</summary>
    internal IReadOnlyList<SqliteFile> Files => _files;

    /// <summary>The file of a partition.</summary>
    internal SqliteFile FileOf(int partition) => _files[SqliteOptions.FileOf(partition, _files.Length)];

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        Close(_files);
    }

    private void Close(IEnumerable<SqliteFile> files)
    {
        foreach (var file in files)
            file.Dispose();
        _lock.Dispose();
    }

    private SqliteFile Open(int number, SqliteManifest manifest, SqliteSchema schema, bool isNew)
    {
        try
        {
            return SqliteFile.Open(number, manifest, _options, _services, schema, isNew);
        }
        catch (StoreException exception)
            when (exception.InnerException is SqliteException { MayBeForWantOfRoom: true }
                && Reserve.GiveUp(_options.Sqlite.Folder)
            )
        {
            LogReserve(_services.Log, exception, _options.Sqlite.Folder);
            return SqliteFile.Open(number, manifest, _options, _services, schema, isNew);
        }
    }

    private static OwnerLock Lock(string folder)
    {
        try
        {
            OwnerOnly.MakeFolder(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"The store's folder {folder} can't be made ({exception.Message}).",
                exception
            );
        }

        return OwnerLock.Take(folder);
    }

    private void Watch()
    {
        foreach (var file in _files)
            file.Watch();
    }

    private IEnumerable<Measurement<int>> QueueLengths() =>
        _files.Select(file => new Measurement<int>(
            file.QueuedRows,
            new KeyValuePair<string, object?>("file", file.Number)
        ));

    [LoggerMessage(
        LogLevel.Error,
        "{Folder} has no room. Deleted its reserve so that stored data can be read; writes wait for room"
    )]
    private static partial void LogReserve(ILogger log, Exception cause, string folder);
}
