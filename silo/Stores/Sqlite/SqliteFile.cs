using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// One file of the store: its lane writes what waits in groups, a transaction each, and its readers read beside it.
/// </summary>
internal sealed partial class SqliteFile : GroupLane<WriteWork>
{
    // Of a disk that takes more than a millisecond for a commit: less than a caller notices.
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
        Know(_writer.Tables);
        Start();
    }

    /// <summary>Its number, from 0.</summary>
    internal int Number { get; }

    /// <summary>Where it lies.</summary>
    internal string Path => Place;

    /// <summary>Opens a file and starts its writer.</summary>
    /// <exception cref="StoreException">It can't be read.</exception>
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
            throw new StoreException(StoreErrorCodes.Damaged, $"{path} is no store file, or is damaged.", exception);
        }
        catch (SqliteException exception)
        {
            throw new StoreException(StoreErrorCodes.Unavailable, $"{path} can't be opened.", exception);
        }
    }

    /// <summary>Where a file lies.</summary>
    internal static string PathOf(StoreOptions options, int number) =>
        System.IO.Path.Combine(options.Sqlite.Folder, $"grid-{number:00}.db");

    /// <summary>Whether a table is there, as of the last commit.</summary>
    internal bool Has(string table) => _tables.ContainsKey(table);

    /// <summary>The tables as of the last commit.</summary>
    internal ICollection<string> Tables => _tables.Keys;

    /// <summary>Notes that a table was dropped.</summary>
    internal void Forget(string table) => _tables.TryRemove(table, out _);

    /// <summary>Reads with one of the file's reading connections, on the caller's thread.</summary>
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
        catch (ObjectDisposedException fault)
        {
            throw new StoreException(StoreErrorCodes.Unavailable, $"{Path} was closed.", fault);
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

        Know(writer.Commit());
    }

    // Nothing of the group stands, unless a commit broke off: then the log decides when the file is opened again.
    protected override StoreException Undo(Exception fault)
    {
        var trusted = fault is not SqliteException { NeedsReopening: true };
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

        return fault switch
        {
            StoreException known => known,
            SqliteException { IsDamage: true } => Damaged(fault),
            SqliteException { Code: raw.SQLITE_FULL } => new(StoreErrorCodes.Full, $"No room for {Path}.", fault),
            _ => new(StoreErrorCodes.Unavailable, $"{Path} could not be written.", fault),
        };
    }

    /// <inheritdoc/>
    protected override void Between()
    {
        try
        {
            _writer?.CheckpointIfDue();
        }
        catch (SqliteException fault)
        {
            // What was committed is safe in the log; the next group meets the trouble, if it lasts.
            LogCheckpoint(Services.Log, fault, Path);
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

    private void Know(IEnumerable<string> tables)
    {
        foreach (var table in tables)
            _tables.TryAdd(table, true);
    }

    // One that can't be written is answered and taken out of the group; the others begin anew without it.
    private bool TryApply(SqliteWriter writer, List<WriteWork> group)
    {
        writer.Begin();
        foreach (var work in group)
        {
            try
            {
                work.Apply(writer);
            }
            catch (Exception fault) when (fault is not SqliteException { IsOfTheFile: true })
            {
                if (fault is StoreException { Code: StoreErrorCodes.Damaged })
                    NoteDamage(fault);
                writer.Rollback();
                AnswerAlone(group, work, fault);
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

    [LoggerMessage(LogLevel.Warning, "{Path} was opened again")]
    private static partial void LogReopened(ILogger log, string path);

    [LoggerMessage(LogLevel.Warning, "{Path}: the log could not be copied to the file")]
    private static partial void LogCheckpoint(ILogger log, Exception fault, string path);
}
