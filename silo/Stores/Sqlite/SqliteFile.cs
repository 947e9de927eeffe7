using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// A file of the store. Its lane writes queued work in groups, one transaction each; its readers read concurrently.
/// </summary>
internal sealed partial class SqliteFile : GroupLane<WriteWork>
{
    // On a disk whose commits take over 1 ms; a caller does not notice this delay.
    private const int MaxGatherMs = 5;
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromSeconds(1);

    private readonly Func<bool, SqliteWriter> _open;
    private readonly ConcurrentDictionary<string, bool> _tables = new(StringComparer.Ordinal);
    private readonly SqliteReaders _readers;
    private SqliteWriter? _writer;
    private long _reopenAt;

    private SqliteFile(
        int number,
        string path,
        StoreOptions options,
        StoreServices services,
        Func<bool, SqliteWriter> open,
        bool isNew
    )
        : base(
            path,
            $"grid-store-{number:00}",
            new GroupLimits(options.MaxGroupRows, options.MaxQueueRows, options.WriteTimeout)
            {
                MaxGatherMs = MaxGatherMs,
            },
            services
        )
    {
        Number = number;
        _open = open;
        _readers = new SqliteReaders(path, options);
        _writer = open(isNew);
        AddTables(_writer.Tables);
        Start();
    }

    /// <summary>The file's number, from 0.</summary>
    internal int Number { get; }

    /// <summary>The file's path.</summary>
    internal string Path => Place;

    /// <summary>Opens a file and starts its writer.</summary>
    /// <exception cref="StoreException">The file can't be read.</exception>
    internal static SqliteFile Open(
        int number,
        SqliteManifest manifest,
        StoreOptions options,
        StoreServices services,
        SqliteSchema schema,
        bool isNew
    )
    {
        var path = PathOf(options, number);
        SqliteWriter OpenWriter(bool mayCreate) =>
            SqliteWriter.Open(path, number, options, manifest, schema, mayCreate);
        try
        {
            return isNew || File.Exists(path)
                ? new SqliteFile(number, path, options, services, OpenWriter, isNew)
                : throw new StoreException(
                    StoreErrorCodes.Damaged,
                    $"{path} is missing: restore the folder from a backup."
                );
        }
        catch (SqliteException exception) when (exception.IsDamage)
        {
            throw new StoreException(StoreErrorCodes.Damaged, $"{path} is not a store file, or is damaged.", exception);
        }
        catch (SqliteException exception)
        {
            throw new StoreException(StoreErrorCodes.Unavailable, $"{path} can't be opened.", exception);
        }
    }

    /// <summary>The path of a file.</summary>
    internal static string PathOf(StoreOptions options, int number) =>
        System.IO.Path.Combine(options.Sqlite.Folder, $"grid-{number:00}.db");

    /// <summary>Whether the table existed at the last commit.</summary>
    internal bool Has(string table) => _tables.ContainsKey(table);

    /// <summary>The tables at the last commit.</summary>
    internal ICollection<string> Tables => _tables.Keys;

    /// <summary>Notes that a table was dropped.</summary>
    internal void Forget(string table) => _tables.TryRemove(table, out _);

    /// <summary>Reads on the caller's thread with one of the file's read connections.</summary>
    internal TResult Read<TArgument, TResult>(TArgument argument, Func<SqliteReader, TArgument, TResult> read)
        where TArgument : allows ref struct
    {
        try
        {
            return _readers.Use(argument, read);
        }
        catch (SqliteException exception) when (exception.IsDamage)
        {
            throw Damaged(exception);
        }
        catch (StoreException exception) when (exception.Code == StoreErrorCodes.Damaged)
        {
            NoteDamage(exception);
            throw;
        }
        catch (SqliteException exception)
        {
            throw new StoreException(StoreErrorCodes.Unavailable, $"{Path} can't be read.", exception);
        }
        catch (ObjectDisposedException exception)
        {
            throw new StoreException(StoreErrorCodes.Unavailable, $"{Path} was closed.", exception);
        }
    }

    /// <inheritdoc/>
    protected override void Close(bool idle)
    {
        if (idle)
            _writer?.Dispose();
        _readers.Dispose();
    }

    /// <inheritdoc/>
    protected override void Do(List<WriteWork> group)
    {
        var writer = _writer ?? Reopen();
        while (!TryApply(writer, group)) { }

        AddTables(writer.Commit());
    }

    // The group was rolled back, unless a commit was interrupted: then the log decides when the file is reopened.
    protected override StoreException Undo(Exception exception)
    {
        var trusted = exception is not SqliteException { NeedsReopening: true };
        try
        {
            if (trusted)
                _writer?.Rollback();
        }
        catch (SqliteException)
        {
            trusted = false;
        }

        if (!trusted)
        {
            _writer?.Dispose();
            _writer = null;
        }

        return exception switch
        {
            StoreException known => known,
            SqliteException { IsDamage: true } => Damaged(exception),
            SqliteException { Code: raw.SQLITE_FULL } => new(StoreErrorCodes.Full, $"No room for {Path}.", exception),
            _ => new(StoreErrorCodes.Unavailable, $"{Path} could not be written.", exception),
        };
    }

    /// <inheritdoc/>
    protected override void Between()
    {
        try
        {
            _writer?.CheckpointIfDue();
        }
        catch (SqliteException exception)
        {
            // Committed rows are safe in the log; the next group will meet a lasting error.
            LogCheckpoint(Services.Log, exception, Path);
        }
    }

    private StoreException Damaged(Exception cause)
    {
        NoteDamage(cause);
        return new StoreException(
            StoreErrorCodes.Damaged,
            $"{Path} is damaged: restore the folder from a backup.",
            cause
        );
    }

    private void NoteDamage(Exception cause)
    {
        if (Services.Metrics.FoundDamaged(Path))
            LogDamaged(Services.Log, cause, Path);
    }

    private void AddTables(IEnumerable<string> tables)
    {
        foreach (var table in tables)
            _tables.TryAdd(table, true);
    }

    // Work that can't be written is answered and removed; the rest of the group is retried.
    private bool TryApply(SqliteWriter writer, List<WriteWork> group)
    {
        writer.Begin();
        foreach (var work in group)
        {
            try
            {
                work.Apply(writer);
            }
            catch (Exception exception) when (exception is not SqliteException { IsOfTheFile: true })
            {
                if (exception is StoreException { Code: StoreErrorCodes.Damaged })
                    NoteDamage(exception);
                writer.Rollback();
                AnswerAlone(group, work, exception);
                return false;
            }
        }

        return true;
    }

    private SqliteWriter Reopen()
    {
        var now = Services.Time.GetTimestamp();
        if (now < _reopenAt)
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"{Path} is closed after an error and will be opened again."
            );
        _reopenAt = now + (long)(ReopenDelay.TotalSeconds * Services.Time.TimestampFrequency);
        _writer = _open(false);
        LogReopened(Services.Log, Path);
        return _writer;
    }

    [LoggerMessage(LogLevel.Critical, "{Path} is damaged; the process is unready. Restore the folder from a backup")]
    private static partial void LogDamaged(ILogger log, Exception cause, string path);

    [LoggerMessage(LogLevel.Warning, "Reopened {Path}")]
    private static partial void LogReopened(ILogger log, string path);

    [LoggerMessage(LogLevel.Warning, "{Path}: the log could not be copied to the file")]
    private static partial void LogCheckpoint(ILogger log, Exception exception, string path);
}
