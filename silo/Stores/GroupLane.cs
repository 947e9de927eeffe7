using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores;

/// <summary>What bounds the groups of a lane.</summary>
/// <param name="MaxGroupRows">Rows in one group at the most.</param>
/// <param name="MaxQueueRows">Rows that may wait; beyond it work is refused at once.</param>
/// <param name="Timeout">How long work may take before its caller hears that the outcome is unknown.</param>
internal sealed record GroupLimits(int MaxGroupRows, int MaxQueueRows, TimeSpan Timeout)
{
    /// <summary>
    /// How long a group gathers where there are several callers at once. A quick disk would commit almost every row alone, and
    /// the processor would be busy with commits rather than with callers. Who comes alone never waits.
    /// </summary>
    internal int GatherMs { get; init; } = 1;

    /// <summary>How long it gathers where commits are slow: <see cref="GatherFactor"/> times as long as they take, up to this; 0: no longer.</summary>
    internal int MaxGatherMs { get; init; }

    /// <summary>
    /// A commit costs the same for one row as for fifty. With a wait of so many of its own lengths it takes a fifth of the lane's time
    /// at the most, whatever the disk.
    /// </summary>
    internal const int GatherFactor = 4;

    /// <summary>Rows that are not made to wait for company.</summary>
    internal int EnoughRows { get; init; } = 64;
}

/// <summary>
/// A queue, and one thread that does what waits there in groups. While a group is on its way the next gathers, so the price
/// of a piece of work falls as load rises. Each caller is answered when its group is done, or when the time is up.
/// </summary>
/// <typeparam name="TWork">What it does.</typeparam>
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

    // What the thread is busy with, for the watch; null between groups.
    private volatile TWork[]? _inFlight;
    private long _inFlightSince;
    private volatile bool _stalled;

    // Of the thread alone.
    private double _groupMs;
    private long? _failedLoggedAt;
    private long _failedUnlogged;

    /// <param name="place">What is read or written, as messages name it.</param>
    /// <param name="threadName">The name of the thread.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="services">From the host.</param>
    protected GroupLane(string place, string threadName, GroupLimits limits, StoreServices services)
    {
        _place = place;
        _limits = limits;
        _services = services;
        _queue = new WorkQueue<TWork>(limits.MaxQueueRows);
        _thread = new Thread(Run) { IsBackground = true, Name = threadName };
    }

    /// <summary>Rows that wait.</summary>
    internal int QueuedRows => _queue.Rows;

    /// <summary>What the parts of the store take from the host.</summary>
    protected StoreServices Services => _services;

    /// <summary>What is read or written, as messages name it.</summary>
    protected string Place => _place;

    /// <summary>Queues work for the next group.</summary>
    /// <exception cref="StoreException">The queue is full, or the store stalls: nothing was queued.</exception>
    internal void Enqueue(TWork work)
    {
        work.QueuedAt = _services.Time.GetTimestamp();
        work.Asker = StoreTraces.Asker;
        if (_stalled)
            throw Refused(work, StoreErrorCodes.Unavailable, "does not answer");
        if (!_queue.TryAdd(work))
            throw Refused(work, StoreErrorCodes.Overloaded, $"has {_queue.Rows} rows waiting");
    }

    /// <summary>Answers those who have waited too long; called now and then.</summary>
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
        // Work that waited behind one slow group and is part of the next has waited too long as well.
        TWork[] started = inFlight is null
            ? []
            : [.. inFlight.Where(work => work.QueuedAt < before && !work.IsAnswered)];
        if (queued.Count + started.Length == 0)
            return;
        var fault = new StoreException(
            StoreErrorCodes.Unavailable,
            $"{_place} has not answered in {_limits.Timeout}; the outcome is unknown."
        );
        Trace(queued, began: 0, fault);
        Trace(started, Volatile.Read(ref _inFlightSince), fault);
        LogOverdue(_services.Log, _place, queued.Count + started.Length);
        AnswerBatch.Dispatch([.. queued, .. started], fault);
    }

    /// <summary>Does what waits, and closes.</summary>
    public void Dispose()
    {
        _closing.Set();
        _queue.Close();
        // A disk or a server that hangs must not keep the process: the thread is a background one.
        Close(!_thread.IsAlive || _thread.Join(_limits.Timeout * 2));
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the thread; called at the end of the constructor of what derives.</summary>
    protected void Start() => _thread.Start();

    /// <summary>Waits within the thread; true when the lane is being closed.</summary>
    protected bool WaitForClosing(TimeSpan time) => _closing.Wait(time);

    /// <summary>
    /// Does all of a group. Work that was answered alone is taken out of the list; an exception fails what is left in it.
    /// </summary>
    protected abstract void Do(List<TWork> group);

    /// <summary>What a group does, as traces name it.</summary>
    protected virtual string Step => "store commit";

    /// <summary>Undoes what a group left behind, and says what its callers are told.</summary>
    protected abstract StoreException Undo(Exception fault);

    /// <summary>Records that a group was done.</summary>
    protected virtual void Record(int rows, TimeSpan duration) => _services.Metrics.Committed(rows, duration);

    /// <summary>Something to do between two groups, while nobody waits for it.</summary>
    protected virtual void Between() { }

    /// <summary>Lets go what the lane holds.</summary>
    /// <param name="idle">Whether the thread is through with what it alone uses.</param>
    protected abstract void Close(bool idle);

    /// <summary>Refuses one work of a group, which the others go on without.</summary>
    protected void AnswerAlone(List<TWork> group, TWork work, Exception fault)
    {
        var answer =
            fault as StoreException
            ?? new StoreException(StoreErrorCodes.Invalid, "A record can't be written; nothing of it was.", fault);
        _services.Metrics.Failed(answer.Code, work.Rows);
        LogAlone(_services.Log, fault, _place, answer.Code);
        // Answers are given on other threads, in any order: that of the whole group may come first, and must not say "written".
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
            var fault = DoGroup();
            _inFlight = null;
            if (_stalled)
                _services.Metrics.Answers(_place, again: true);
            _stalled = false;
            foreach (var work in works)
                work.Release();
            _group.Clear();
            Trace(works, Volatile.Read(ref _inFlightSince), fault);
            // Those that failed alone are told so here too.
            AnswerBatch.Dispatch(works, fault);
            if (fault is null)
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
        var started = _services.Time.GetTimestamp();
        try
        {
            Do(_group);
            var took = _services.Time.GetElapsedTime(started);
            // Smoothed over some ten groups: one that met a checkpoint or a pause is no rule.
            _groupMs += (took.TotalMilliseconds - _groupMs) / 10;
            Record(_group.Sum(static work => work.Rows), took);
            _services.Metrics.HasRoom(_place, yes: true);
            return null;
        }
        catch (Exception fault)
        {
            var answer = Told(fault);
            if (answer.Code == StoreErrorCodes.Full)
                _services.Metrics.HasRoom(_place, yes: false);
            _services.Metrics.Failed(answer.Code, _group.Sum(static work => work.Rows));
            LogGroup(fault, answer.Code);
            return answer;
        }
    }

    // A store that is away fails every group: its lane says so once in a while, and how often.
    private void LogGroup(Exception fault, string code)
    {
        _failedUnlogged++;
        if (_failedLoggedAt is { } last && _services.Time.GetElapsedTime(last) < LogPeriod)
            return;
        LogFailed(_services.Log, fault, _place, _group.Count, code, _failedUnlogged);
        (_failedLoggedAt, _failedUnlogged) = (_services.Time.GetTimestamp(), 0);
    }

    private void Trace(IReadOnlyList<TWork> works, long began, StoreException? fault)
    {
        if (!StoreTraces.IsOn)
            return;
        var rows = works.Sum(static work => work.Rows);
        foreach (var work in works)
            StoreTraces.Ended(work, Step, _place, rows, began, fault?.Code, _services.Time);
    }

    // Whatever undoing meets must not end the thread, and the process with it.
    private StoreException Told(Exception fault)
    {
        try
        {
            return Undo(fault);
        }
        catch (Exception second)
        {
            return new StoreException(
                StoreErrorCodes.Unavailable,
                $"{_place} failed, and what was begun could not be undone.",
                new AggregateException(fault, second)
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
        "{Place}: a group of {Works} failed ({Code}); groups that failed since this was last said: {Groups}"
    )]
    private static partial void LogFailed(
        ILogger log,
        Exception fault,
        string place,
        int works,
        string code,
        long groups
    );

    [LoggerMessage(LogLevel.Error, "{Place}: one of a group failed, the others go on ({Code})")]
    private static partial void LogAlone(ILogger log, Exception fault, string place, string code);

    [LoggerMessage(
        LogLevel.Error,
        "{Place} did not answer in time; {Works} callers were told that the outcome is unknown"
    )]
    private static partial void LogOverdue(ILogger log, string place, int works);
}
