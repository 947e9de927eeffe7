using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores;

/// <summary>The limits of a lane's groups.</summary>
/// <param name="MaxGroupRows">Maximum rows in one group.</param>
/// <param name="MaxQueueRows">Maximum rows that may wait; further work is rejected at once.</param>
/// <param name="Timeout">Time after which the caller of a piece of work learns that its outcome is unknown.</param>
internal sealed record GroupLimits(int MaxGroupRows, int MaxQueueRows, TimeSpan Timeout)
{
    /// <summary>
    /// How long a group gathers when several callers are active. A fast disk would otherwise commit almost every row
    /// alone and spend the CPU on commits. A single caller never waits.
    /// </summary>
    internal int GatherMs { get; init; } = 1;

    /// <summary>
    /// When commits are slow a group gathers for <see cref="GatherFactor"/> commit times, at most this long; 0 keeps
    /// <see cref="GatherMs"/>.
    /// </summary>
    internal int MaxGatherMs { get; init; }

    /// <summary>
    /// A commit costs about the same for 1 row as for 50. Gathering for 4 commit times limits commits to a fifth of the
    /// lane's time on any disk.
    /// </summary>
    internal const int GatherFactor = 4;

    /// <summary>A group of this size starts without gathering.</summary>
    internal int EnoughRows { get; init; } = 64;
}

/// <summary>
/// A queue and a thread that processes it in groups. While one group runs the next one gathers, so the cost of a piece
/// of work falls as load rises. Each caller is answered when its group is done or its time limit has passed.
/// </summary>
/// <typeparam name="TWork">The kind of work.</typeparam>
internal abstract partial class GroupLane<TWork> : IDisposable
    where TWork : StoreWork
{
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(5);

    private readonly string _place;
    private readonly GroupLimits _limits;
    private readonly StoreServices _services;
    private readonly WorkQueue<TWork> _queue;
    private readonly Thread _thread;
    private readonly List<TWork> _group = [];
    private readonly ManualResetEventSlim _closing = new();

    // The group in progress, read by the watch; null between groups.
    private volatile TWork[]? _inFlight;
    private long _inFlightSince;
    private volatile bool _stalled;

    // Used only by the lane's thread.
    private double _groupMs;
    private long? _failedLoggedAt;
    private long _failedUnlogged;

    /// <param name="place">What is read or written, as messages name it.</param>
    /// <param name="threadName">The name of the thread.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="services">Services from the host.</param>
    protected GroupLane(string place, string threadName, GroupLimits limits, StoreServices services)
    {
        _place = place;
        _limits = limits;
        _services = services;
        _queue = new WorkQueue<TWork>(limits.MaxQueueRows);
        _thread = new Thread(Run) { IsBackground = true, Name = threadName };
    }

    /// <summary>The number of rows in the queue.</summary>
    internal int QueuedRows => _queue.Rows;

    /// <summary>Services from the host.</summary>
    protected StoreServices Services => _services;

    /// <summary>What is read or written, as messages name it.</summary>
    protected string Place => _place;

    /// <summary>Queues work for the next group.</summary>
    /// <exception cref="StoreException">The queue is full or the store stalls; nothing was queued.</exception>
    internal void Enqueue(TWork work)
    {
        work.QueuedAt = _services.Time.GetTimestamp();
        work.Asker = StoreTraces.Asker;
        if (_stalled)
            throw Refused(work, StoreErrorCodes.Unavailable, "does not answer");
        if (!_queue.TryAdd(work))
            throw Refused(work, StoreErrorCodes.Overloaded, $"has {_queue.Rows} rows waiting");
    }

    /// <summary>Times out waiting callers; called periodically.</summary>
    internal void Watch()
    {
        var before =
            _services.Time.GetTimestamp() - (long)(_limits.Timeout.TotalSeconds * _services.Time.TimestampFrequency);
        var inFlight = _inFlight;
        _stalled = inFlight is not null && Volatile.Read(ref _inFlightSince) < before;
        if (_stalled)
            _services.Metrics.Answers(_place, again: false);
        var queued = new List<TWork>();
        _queue.Expire(before, queued);
        queued.ForEach(static work => work.Release());
        // Work that waited behind one slow group and belongs to the next has timed out as well.
        TWork[] started = inFlight is null
            ? []
            : [.. inFlight.Where(work => work.QueuedAt < before && !work.IsAnswered)];
        if (queued.Count + started.Length == 0)
            return;
        var failure = new StoreException(
            StoreErrorCodes.Unavailable,
            $"{_place} has not answered in {_limits.Timeout}; the outcome is unknown."
        );
        Trace(queued, startedAt: 0, failure);
        Trace(started, Volatile.Read(ref _inFlightSince), failure);
        LogOverdue(_services.Log, _place, queued.Count + started.Length);
        AnswerBatch.Dispatch([.. queued, .. started], failure);
    }

    /// <summary>Finishes the queued work and closes.</summary>
    public void Dispose()
    {
        _closing.Set();
        _queue.Close();
        // A hung disk or server must not keep the process alive: the thread is a background thread.
        Close(!_thread.IsAlive || _thread.Join(_limits.Timeout * 2));
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the thread; derived classes call it at the end of their constructor.</summary>
    protected void Start() => _thread.Start();

    /// <summary>Waits on the lane's thread; true if the lane is closing.</summary>
    protected bool WaitForClosing(TimeSpan time) => _closing.Wait(time);

    /// <summary>
    /// Processes a group. Work that was answered on its own is removed from the list; an exception fails the rest.
    /// </summary>
    protected abstract void Do(List<TWork> group);

    /// <summary>The name of the step in traces.</summary>
    protected virtual string Step => "store commit";

    /// <summary>Undoes a failed group and returns the failure for its callers.</summary>
    protected abstract StoreException Undo(Exception exception);

    /// <summary>Records a completed group.</summary>
    protected virtual void Record(int rows, TimeSpan duration) => _services.Metrics.Committed(rows, duration);

    /// <summary>Runs between two groups, while no caller waits.</summary>
    protected virtual void Between() { }

    /// <summary>Releases what the lane holds.</summary>
    /// <param name="idle">Whether the lane's thread has ended.</param>
    protected abstract void Close(bool idle);

    /// <summary>Fails one piece of work; the rest of its group continues.</summary>
    protected void AnswerAlone(List<TWork> group, TWork work, Exception exception)
    {
        var answer =
            exception as StoreException
            ?? new StoreException(StoreErrorCodes.Invalid, "A record can't be written; nothing of it was.", exception);
        _services.Metrics.Failed(answer.Code, work.Rows);
        LogAlone(_services.Log, exception, _place, answer.Code);
        // Set before any answer: answers run on other threads in any order, and the group's success may come first.
        work.Refuse(answer);
        Trace([work], Volatile.Read(ref _inFlightSince), answer);
        AnswerBatch.Dispatch([work], answer);
        group.Remove(work);
    }

    private void Run()
    {
        var crowded = false;
        while (_queue.Take(_group, _limits.MaxGroupRows, crowded ? GatherMs : 0, _limits.EnoughRows))
        {
            crowded = _group.Count > 1;
            Volatile.Write(ref _inFlightSince, _services.Time.GetTimestamp());
            TWork[] works = [.. _group];
            _inFlight = works;
            var failure = DoGroup();
            _inFlight = null;
            if (_stalled)
                _services.Metrics.Answers(_place, again: true);
            _stalled = false;
            foreach (var work in works)
                work.Release();
            _group.Clear();
            Trace(works, Volatile.Read(ref _inFlightSince), failure);
            // This also answers the work that failed on its own.
            AnswerBatch.Dispatch(works, failure);
            if (failure is null)
                Between();
        }
    }

    private int GatherMs =>
        (int)
            Math.Clamp(
                _groupMs * GroupLimits.GatherFactor,
                _limits.GatherMs,
                Math.Max(_limits.GatherMs, _limits.MaxGatherMs)
            );

    private StoreException? DoGroup()
    {
        var startedAt = _services.Time.GetTimestamp();
        try
        {
            Do(_group);
            var duration = _services.Time.GetElapsedTime(startedAt);
            // Smoothed over about ten groups: a checkpoint or a pause must not dominate.
            _groupMs += (duration.TotalMilliseconds - _groupMs) / 10;
            Record(_group.Sum(static work => work.Rows), duration);
            _services.Metrics.HasRoom(_place, yes: true);
            return null;
        }
        catch (Exception exception)
        {
            var answer = TryUndo(exception);
            if (answer.Code == StoreErrorCodes.Full)
                _services.Metrics.HasRoom(_place, yes: false);
            _services.Metrics.Failed(answer.Code, _group.Sum(static work => work.Rows));
            LogGroup(exception, answer.Code);
            return answer;
        }
    }

    // An unavailable store fails every group: log once per period, with the number of failures.
    private void LogGroup(Exception exception, string code)
    {
        _failedUnlogged++;
        if (_failedLoggedAt is { } last && _services.Time.GetElapsedTime(last) < LogPeriod)
            return;
        LogFailed(_services.Log, exception, _place, _group.Count, code, _failedUnlogged);
        (_failedLoggedAt, _failedUnlogged) = (_services.Time.GetTimestamp(), 0);
    }

    private void Trace(IReadOnlyList<TWork> works, long startedAt, StoreException? failure)
    {
        if (!StoreTraces.IsOn)
            return;
        var rows = works.Sum(static work => work.Rows);
        foreach (var work in works)
            StoreTraces.Ended(work, Step, _place, rows, startedAt, failure?.Code, _services.Time);
    }

    // A failed undo must not end the thread, and with it the process.
    private StoreException TryUndo(Exception exception)
    {
        try
        {
            return Undo(exception);
        }
        catch (Exception second)
        {
            return new StoreException(
                StoreErrorCodes.Unavailable,
                $"{_place} failed, and the group could not be undone.",
                new AggregateException(exception, second)
            );
        }
    }

    private StoreException Refused(TWork work, string code, string why)
    {
        work.Release();
        _services.Metrics.Failed(code, work.Rows);
        StoreTraces.Refused(work, _place, code, _services.Time);
        return new StoreException(code, $"{_place} {why}; nothing was written.");
    }

    [LoggerMessage(
        LogLevel.Error,
        "{Place}: a group of {Works} failed ({Code}); groups failed since the last such line: {Groups}"
    )]
    private static partial void LogFailed(
        ILogger log,
        Exception exception,
        string place,
        int works,
        string code,
        long groups
    );

    [LoggerMessage(LogLevel.Error, "{Place}: one write of a group failed, the others continue ({Code})")]
    private static partial void LogAlone(ILogger log, Exception exception, string place, string code);

    [LoggerMessage(LogLevel.Error, "{Place} did not answer in time; the outcome is unknown to {Works} callers")]
    private static partial void LogOverdue(ILogger log, string place, int works);
}
