using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores.Archive;

/// <summary>
/// Copies what a file's writer commits to the archive, a record a step of the clock. The steps of all files end at the same
/// moments, so that the files brought to the end of one step belong together. Called by the writer and by the watch.
/// </summary>
internal sealed partial class WalArchive : IDisposable
{
    private const long SegmentBytesMax = 64L << 20;

    // Marks wait only while the archive can't be written; then the steps become coarser, which is all that is lost.
    private const int MarksMax = 4_096;

    // Held while the archive is written, which may take long: the writer never waits for it.
    private readonly Lock _shipping = new();

    // Held for the marks and the step, never while something is written.
    private readonly Lock _marking = new();
    private readonly string _path;
    private readonly string _folder;
    private readonly StoreOptions _options;
    private readonly StoreServices _services;
    private readonly long _session;
    private readonly List<Mark> _marks = [];
    private FileStream? _segment;
    private ulong _generation;
    private int _shipped;
    private long _sequence;
    private long _step;
    private long _wholeStep;
    private bool _failing;

    private WalArchive(string path, string folder, StoreOptions options, StoreServices services, long session)
    {
        _path = path;
        _folder = folder;
        _options = options;
        _services = services;
        _session = session;
    }

    /// <summary>The folder of a file's segments within an archive.</summary>
    internal static string FolderOf(string archive, string databasePath) =>
        Path.Combine(archive, Path.GetFileNameWithoutExtension(databasePath));

    /// <summary>Starts a session, and first copies what its log has already: a crash may have left that alone.</summary>
    internal static WalArchive? Start(string path, StoreOptions options, StoreServices services, long session)
    {
        if (options.Archive is not { Length: > 0 } archive)
            return null;
        var made = new WalArchive(path, FolderOf(archive, path), options, services, session);
        made.Begin();
        return made;
    }

    /// <summary>A transaction was committed; the log has so many frames. Before its callers are answered.</summary>
    internal void Committed(int frames)
    {
        lock (_marking)
        {
            var step = StepNow();
            if (_marks.Count > 0 && (_marks[^1].Step == step || _marks.Count == MarksMax))
                _marks[^1] = new Mark(step, frames);
            else
                _marks.Add(new Mark(step, frames));
        }
    }

    /// <summary>Copies the steps that are over, also those in which nothing was committed; now and then.</summary>
    internal void Tick()
    {
        if (!_shipping.TryEnter())
            return;
        try
        {
            var over = Step() - 1;
            if (over > _wholeStep && TryShip(over) && (_wholeStep == over || TryAppend(over, ArchiveStep.Whole)))
                _wholeStep = over;
        }
        finally
        {
            _shipping.Exit();
        }
    }

    /// <summary>
    /// Copies everything, for the log is about to be begun anew. False while the archive can't be written, or is being
    /// written.
    /// </summary>
    internal bool TryShipAll()
    {
        if (!_shipping.TryEnter())
            return false;
        try
        {
            return TryShip(Step());
        }
        finally
        {
            _shipping.Exit();
        }
    }

    /// <summary>
    /// Lets go what can't be copied; the archive says that it has a gap there. Only the writer calls it, before the log is
    /// begun anew.
    /// </summary>
    internal void GiveUp()
    {
        lock (_marking)
        {
            _marks.Clear();
        }

        Interlocked.Increment(ref _sequence);
        LogGap(_services.Log, _path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A disk that hangs must not keep the process.
        if (!_shipping.TryEnter(_options.WriteTimeout))
            return;
        try
        {
            var step = Step();
            if (TryShip(step))
                TryAppend(step, ArchiveStep.Closed);
            _segment?.Dispose();
            _segment = null;
        }
        finally
        {
            _shipping.Exit();
        }
    }

    private void Begin()
    {
        lock (_shipping)
        {
            using var wal = WalFile.TryOpen(_path);
            if (wal?.CommittedFrames() is > 0 and var frames)
                _marks.Add(new Mark(Step(), frames));
            // A session's first record says that there is no gap before it.
            if (_marks.Count > 0)
                TryShip(_step);
            else
                TryAppend(Step(), ArchiveStep.Part);
            _wholeStep = _step - 1;
        }
    }

    private long Step()
    {
        lock (_marking)
        {
            return StepNow();
        }
    }

    // The clock may be set back; steps don't go back.
    private long StepNow() =>
        _step = Math.Max(_step, _services.Time.GetUtcNow().ToUnixTimeMilliseconds() / (long)_options.ArchivePeriod.TotalMilliseconds);

    private DateTimeOffset EndOf(long step) =>
        DateTimeOffset.FromUnixTimeMilliseconds((step + 1) * (long)_options.ArchivePeriod.TotalMilliseconds);

    private bool TryShip(long lastStep)
    {
        while (FirstMark() is { } mark && mark.Step <= lastStep)
        {
            try
            {
                Ship(mark);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                Lost(fault);
                return false;
            }

            Shipped(mark);
            _failing = false;
        }

        return true;
    }

    private Mark? FirstMark()
    {
        lock (_marking)
        {
            return _marks.Count > 0 ? _marks[0] : null;
        }
    }

    // What was committed in the same step meanwhile stays.
    private void Shipped(Mark mark)
    {
        lock (_marking)
        {
            if (_marks.Count > 0 && _marks[0] == mark)
                _marks.RemoveAt(0);
        }
    }

    private bool TryAppend(long step, ArchiveStep kind)
    {
        try
        {
            Append(new ArchiveRecord(_session, _sequence, EndOf(step), kind, 0, []), _options.PageBytes);
            Interlocked.Increment(ref _sequence);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Lost(fault);
            return false;
        }
    }

    private void Ship(Mark mark)
    {
        using var wal = WalFile.TryOpen(_path) ?? throw new InvalidDataException($"{_path} has no log.");
        if (wal.Generation != _generation)
        {
            _generation = wal.Generation;
            _shipped = 0;
        }

        if (mark.Frames <= _shipped)
            return;
        var pages = new SortedDictionary<uint, byte[]>();
        var size = wal.Read(_shipped, mark.Frames, pages);
        var kind = mark.Step < Step() ? ArchiveStep.Whole : ArchiveStep.Part;
        Append(new ArchiveRecord(_session, _sequence, EndOf(mark.Step), kind, size, pages), wal.PageBytes);
        Interlocked.Increment(ref _sequence);
        _shipped = mark.Frames;
        if (kind == ArchiveStep.Whole)
            _wholeStep = mark.Step;
    }

    private void Append(ArchiveRecord record, int pageBytes)
    {
        var segment = _segment ??= Open(record.End);
        var from = segment.Position;
        try
        {
            record.Write(segment, pageBytes);
            // An empty step is only a sign of life.
            segment.Flush(flushToDisk: record.Pages.Count > 0);
        }
        catch (IOException)
        {
            // A half record would hide what follows it.
            segment.SetLength(from);
            throw;
        }

        if (segment.Position < SegmentBytesMax)
            return;
        segment.Dispose();
        _segment = null;
    }

    private FileStream Open(DateTimeOffset end)
    {
        Directory.CreateDirectory(_folder);
        Prune(end);
        var name = string.Create(
            CultureInfo.InvariantCulture, $"{_session:D10}-{_sequence:D10}-{end.ToUnixTimeMilliseconds():D14}.pages");
        return new FileStream(Path.Combine(_folder, name), FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    // Ends after its days; a segment's successor says when it ended.
    private void Prune(DateTimeOffset now)
    {
        var keep = (now - TimeSpan.FromDays(_options.ArchiveDays)).ToUnixTimeMilliseconds();
        var segments = Directory.GetFiles(_folder, "*.pages");
        Array.Sort(segments, StringComparer.Ordinal);
        for (var index = 0; index + 1 < segments.Length && ArchiveSegments.StartOf(segments[index + 1]) < keep; index++)
            File.Delete(segments[index]);
    }

    private void Lost(Exception fault)
    {
        if (!_failing)
            LogBehind(_services.Log, fault, _path);
        _failing = true;
    }

    private readonly record struct Mark(long Step, int Frames);

    [LoggerMessage(LogLevel.Error, "{Path}: the archive has a gap; take a backup, for nothing after the gap can be restored without")]
    private static partial void LogGap(ILogger log, string path);

    [LoggerMessage(LogLevel.Error, "{Path}: the archive can't be written; it is tried again")]
    private static partial void LogBehind(ILogger log, Exception fault, string path);
}
