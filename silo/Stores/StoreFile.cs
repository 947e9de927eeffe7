using System.Collections.Concurrent;
using Grid.Silo.Stores.Sqlite;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores;

/// <summary>
/// One file of the store: a queue, and one thread that writes what waits there in groups, a transaction each. While a
/// commit is on its way to the disk the next group gathers, so the price of a durable write falls as load rises.
/// </summary>
internal sealed partial class StoreFile : IDisposable
{
    private static readonly TimeSpan s_reopenDelay = TimeSpan.FromSeconds(1);

    private readonly StoreOptions _options;
    private readonly StoreMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Func<FileWriter> _open;
    private readonly WorkQueue _queue;
    private readonly ConcurrentDictionary<string, bool> _tables = new(StringComparer.Ordinal);
    private readonly ReaderPool _readers;
    private readonly IDisposable? _ownerLock;
    private readonly Thread _thread;
    private readonly List<StoreWork> _group = [];

    // What the writer is busy with, for the watch; null between groups.
    private volatile StoreWork[]? _inFlight;
    private long _inFlightSince;
    private volatile bool _stalled;
    private FileWriter? _writer;
    private long _reopenAt;

    private StoreFile(
        int number, string path, StoreOptions options, StoreServices services, Func<FileWriter> open, long? epoch, IDisposable? ownerLock)
    {
        Number = number;
        Path = path;
        _options = options;
        _metrics = services.Metrics;
        _time = services.Time;
        _log = services.Log;
        _open = open;
        _ownerLock = ownerLock;
        _queue = new WorkQueue(options.QueueRowsMax);
        _readers = new ReaderPool(path, options);
        _writer = open();
        try
        {
            if (epoch is { } claimed)
                _writer.Claim(claimed);
            Epoch = epoch ?? _writer.StoredEpoch();
            Know(_writer.Tables);
        }
        catch
        {
            _writer.Dispose();
            throw;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = $"grid-store-{number:00}" };
        _thread.Start();
    }

    /// <summary>Its number, from 0.</summary>
    internal int Number { get; }

    /// <summary>Where it lies.</summary>
    internal string Path { get; }

    /// <summary>The epoch under which this owner writes.</summary>
    internal long Epoch { get; }

    /// <summary>Rows that wait for the writer.</summary>
    internal int QueuedRows => _queue.Rows;

    /// <summary>Opens a file and starts its writer.</summary>
    /// <param name="epoch">
    /// The owner's epoch in a cluster, which fences older owners off; null for the only owner, who locks the file instead.
    /// </param>
    /// <exception cref="StoreException">Another owner has it, or it can't be read.</exception>
    internal static StoreFile Open(
        int number, StoreManifest manifest, StoreOptions options, StoreServices services, StoreSchema schema, long? epoch)
    {
        var path = System.IO.Path.Combine(options.Folder, $"grid-{number:00}.db");
        var ownerLock = epoch is null ? OwnerLock.Take(path) : null;
        try
        {
            return new StoreFile(
                number, path, options, services, () => FileWriter.Open(path, options, manifest.PageBytes, schema), epoch, ownerLock);
        }
        catch (Exception fault)
        {
            ownerLock?.Dispose();
            if (fault is SqliteException { Code: SqliteLibrary.Corrupt or SqliteLibrary.NotADatabase })
                throw new StoreException(StoreFaults.Invalid, $"{path} is no store file, or is damaged.", fault);
            if (fault is SqliteException)
                throw new StoreException(StoreFaults.Unavailable, $"{path} can't be opened.", fault);
            throw;
        }
    }

    /// <summary>Whether a table is there, as of the last commit.</summary>
    internal bool Has(string table) => _tables.ContainsKey(table);

    /// <summary>The tables as of the last commit.</summary>
    internal ICollection<string> Tables => _tables.Keys;

    /// <summary>Notes that a table was dropped.</summary>
    internal void Forget(string table) => _tables.TryRemove(table, out _);

    /// <summary>Reads with one of the file's reading connections, on the caller's thread.</summary>
    internal TResult Read<TArgument, TResult>(TArgument argument, Func<FileReader, TArgument, TResult> read)
        where TArgument : allows ref struct
    {
        try
        {
            return _readers.Use(argument, read);
        }
        catch (SqliteException fault)
        {
            throw new StoreException(StoreFaults.Unavailable, $"{Path} can't be read.", fault);
        }
    }

    /// <summary>Queues work for the next commit.</summary>
    /// <exception cref="StoreException">The queue is full, or the disk stalls: nothing was queued.</exception>
    internal void Enqueue(StoreWork work)
    {
        work.QueuedAt = _time.GetTimestamp();
        if (_stalled)
            throw Refused(work, StoreFaults.Unavailable, "does not answer");
        if (!_queue.TryAdd(work))
            throw Refused(work, StoreFaults.Overloaded, $"has {_queue.Rows} rows waiting");
    }

    /// <summary>Answers those who have waited too long; called now and then.</summary>
    internal void Watch()
    {
        var before = _time.GetTimestamp() - (long)(_options.WriteTimeout.TotalSeconds * _time.TimestampFrequency);
        var inFlight = _inFlight;
        _stalled = inFlight is not null && Volatile.Read(ref _inFlightSince) < before;
        if (!_stalled)
            return;
        var fault = new StoreException(
            StoreFaults.Unavailable, $"{Path} has not committed in {_options.WriteTimeout}; the outcome is unknown.");
        var overdue = new List<StoreWork>();
        _queue.Expire(before, overdue);
        overdue.ForEach(static work => work.Release());
        overdue.AddRange(inFlight!);
        LogStalled(Path, overdue.Count);
        AnswerBatch.Dispatch([.. overdue], fault);
    }

    /// <summary>Writes what waits, and closes the file.</summary>
    public void Dispose()
    {
        _queue.Close();
        // A disk that hangs must not keep the process: the thread is a background one.
        if (_thread.Join(_options.WriteTimeout * 2))
            _writer?.Dispose();
        _readers.Dispose();
        _ownerLock?.Dispose();
    }

    private void Know(IEnumerable<string> tables)
    {
        foreach (var table in tables)
            _tables.TryAdd(table, true);
    }

    private void Run()
    {
        while (_queue.Take(_group, _options.GroupRowsMax))
        {
            Volatile.Write(ref _inFlightSince, _time.GetTimestamp());
            StoreWork[] works = [.. _group];
            _inFlight = works;
            var fault = WriteGroup();
            _inFlight = null;
            _stalled = false;
            foreach (var work in works)
                work.Release();
            _group.Clear();
            // Those that failed alone have their answer already.
            AnswerBatch.Dispatch(works, fault);
            if (fault is null)
                Checkpoint();
        }
    }

    private StoreException? WriteGroup()
    {
        var started = _time.GetTimestamp();
        try
        {
            var writer = _writer ?? Reopen();
            while (!TryApply(writer))
            {
            }

            Know(writer.Commit());
            _metrics.Committed(_group.Sum(static work => work.Rows), _time.GetElapsedTime(started));
            return null;
        }
        catch (Exception fault)
        {
            var answer = Undo(fault);
            _metrics.Failed(answer.Code, _group.Sum(static work => work.Rows));
            LogFailed(fault, Path, _group.Count, answer.Code);
            return answer;
        }
    }

    // One that can't be written is answered and taken out of the group; the others begin anew without it.
    private bool TryApply(FileWriter writer)
    {
        writer.Begin(Epoch);
        foreach (var work in _group)
        {
            try
            {
                work.Apply(writer);
            }
            catch (Exception fault) when (fault is not SqliteException { IsOfTheFile: true })
            {
                writer.Rollback();
                var answer = fault as StoreException
                    ?? new StoreException(StoreFaults.Invalid, "A record can't be written; nothing of it was.", fault);
                _metrics.Failed(answer.Code, work.Rows);
                LogFailed(fault, Path, 1, answer.Code);
                AnswerBatch.Dispatch([work], answer);
                _group.Remove(work);
                return false;
            }
        }

        return true;
    }

    // Nothing of the group stands, unless a commit broke off: then the log decides when the file is opened again.
    private StoreException Undo(Exception fault)
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
            SqliteException { Code: SqliteLibrary.Full } => new(StoreFaults.Full, $"No room for {Path}.", fault),
            _ => new(StoreFaults.Unavailable, $"{Path} could not be written.", fault),
        };
    }

    private FileWriter Reopen()
    {
        var now = _time.GetTimestamp();
        if (now < _reopenAt)
            throw new StoreException(StoreFaults.Unavailable, $"{Path} is closed after an error and will be opened again.");
        _reopenAt = now + (long)(s_reopenDelay.TotalSeconds * _time.TimestampFrequency);
        _writer = _open();
        LogReopened(Path);
        return _writer;
    }

    private void Checkpoint()
    {
        try
        {
            _writer?.CheckpointIfDue();
        }
        catch (SqliteException fault)
        {
            // What was committed is safe in the log; the next group meets the trouble, if it lasts.
            LogCheckpoint(fault, Path);
        }
    }

    private StoreException Refused(StoreWork work, string code, string why)
    {
        work.Release();
        _metrics.Failed(code, work.Rows);
        return new StoreException(code, $"{Path} {why}; nothing was written.");
    }

    [LoggerMessage(LogLevel.Error, "{Path}: a group of {Writes} writes failed ({Code})")]
    private partial void LogFailed(Exception fault, string path, int writes, string code);

    [LoggerMessage(LogLevel.Error, "{Path} does not commit; {Writes} writes were answered without a known outcome")]
    private partial void LogStalled(string path, int writes);

    [LoggerMessage(LogLevel.Warning, "{Path} was opened again")]
    private partial void LogReopened(string path);

    [LoggerMessage(LogLevel.Warning, "{Path}: the log could not be copied to the file")]
    private partial void LogCheckpoint(Exception fault, string path);
}
