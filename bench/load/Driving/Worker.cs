using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Driving;

/// <summary>
/// One thread, its connections, and a loop over the ready ones. In a closed loop the next request follows an answer at
/// once. In an open loop requests become due by the clock; those without a free connection wait in a bounded queue, and
/// their latency counts from when they were due.
/// </summary>
internal sealed partial class Worker
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(50);

    // A connect waits for the server's listener: more at once than its queue takes would block the whole worker.
    private const int MaxConnectsEachSweep = 64;
    private const int MaxRetriesWaiting = 200_000;
    private const int FirstSource = 2;
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromMilliseconds(100);

    private readonly LoadPlan _plan;
    private readonly IRequestSource _source;
    private readonly ArrivalSchedule? _schedule;
    private readonly Connection[] _connections;
    private readonly Stack<Connection> _idle;
    private readonly Queue<long> _backlog = new();
    private readonly RetryQueue _retries;
    private readonly int _maxBacklog;
    private readonly WorkerWindow _window;
    private readonly CancellationToken _stop;
    private int _busy;
    private bool _isExhausted;
    private bool _isSending;

    public Worker(LoadPlan plan, int index, IRequestSource source, WorkerWindow window, CancellationToken stop)
    {
        _plan = plan;
        _source = source;
        _window = window;
        _stop = stop;
        _maxBacklog = Math.Max(1, plan.MaxBacklog / plan.Threads);
        _retries = new RetryQueue(MaxRetriesWaiting, new Random(plan.Seed * 104_729 + index));
        var count = plan.Connections / plan.Threads + (index < plan.Connections % plan.Threads ? 1 : 0);
        _connections = [.. Enumerable.Range(0, count).Select(i => new Connection(i))];
        _idle = new Stack<Connection>(count);
        if (plan.Rate is { } rate)
        {
            var random = plan.Poisson ? new Random(plan.Seed * 7919 + index) : null;
            _schedule = new ArrivalSchedule(
                rate,
                1.0 / plan.Threads,
                (index + 0.5) / plan.Threads,
                random,
                plan.Warmup,
                window.WarmupStart,
                Stopwatch.Frequency
            );
        }
    }

    public Tally Tally { get; } = new();

    /// <summary>When the last answer arrived after the source had run out; 0 when it did not run out.</summary>
    public long ExhaustedTicks { get; private set; }

    public void Run()
    {
        using var readiness = Readiness.Create(_connections.Length);
        var ready = new int[_connections.Length];
        long nextSweep = 0;
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            _isSending = IsSending(now);
            if (!_isSending && (_busy == 0 || now > _window.End + ToTicks(_plan.Timeout)))
                break;
            if (now >= nextSweep)
            {
                Sweep(readiness, now);
                nextSweep = now + ToTicks(SweepEvery);
            }
            if (_isSending)
                SendDue(readiness, now);
            var count = readiness.Wait(WaitTime(now, nextSweep), ready);
            for (var i = 0; i < count; i++)
                OnReady(readiness, _connections[ready[i]]);
        }
        foreach (var connection in _connections)
        {
            if (connection.IsBusy)
                Fail(readiness, connection, Verdict.TimedOut, Stopwatch.GetTimestamp());
            Tally.BytesReceived += connection.BytesReceived;
            connection.Close();
        }
        while (_retries.TryAbandon(out var tag, out var intended, out var verdict))
            Settle(tag, intended, intended, verdict, 0, Stopwatch.GetTimestamp());
        if (_isExhausted)
            ExhaustedTicks = Stopwatch.GetTimestamp();
        else
            Tally.Unsent += _backlog.Count(due => due >= _window.Start);
    }

    // Requests due before the end are still sent after it, for as long as the timeout: otherwise the latencies would
    // miss the requests that a slow server held up.
    private bool IsSending(long now)
    {
        if (_stop.IsCancellationRequested)
            return false;
        if (_isExhausted)
            return _retries.Count > 0 && now < _window.End;
        if (_schedule is null)
            return now < _window.End;
        return (_schedule.DueTicks < _window.End || _backlog.Count > 0 || _retries.Count > 0)
            && now <= _window.End + ToTicks(_plan.Timeout);
    }

    private TimeSpan WaitTime(long now, long nextSweep)
    {
        var until = nextSweep;
        // Without an idle connection no due request can be sent before an answer arrives.
        if (_isSending && _schedule is not null && _idle.Count > 0)
            until = Math.Min(until, Math.Min(_schedule.DueTicks, _retries.NextDueTicks));
        return until <= now ? TimeSpan.Zero : Stopwatch.GetElapsedTime(now, until);
    }

    private void SendDue(Readiness readiness, long now)
    {
        if (_schedule is null)
        {
            while ((!_isExhausted || _retries.NextDueTicks <= now) && TryTakeIdle(out var connection))
                StartNext(readiness, connection, now);
            return;
        }
        for (; _schedule.DueTicks <= now && _schedule.DueTicks < _window.End; _schedule.Advance())
        {
            var isInWindow = _schedule.DueTicks >= _window.Start;
            if (isInWindow)
                Tally.Offered++;
            // After a pause of this thread many requests are due at once; use the free connections first.
            if (_backlog.Count >= _maxBacklog)
                SendWaiting(readiness, now);
            if (_backlog.Count < _maxBacklog)
                _backlog.Enqueue(_schedule.DueTicks);
            else if (isInWindow)
                Tally.Unsent++;
        }
        SendWaiting(readiness, now);
    }

    private void SendWaiting(Readiness readiness, long now)
    {
        while (
            ((_backlog.Count > 0 && !_isExhausted) || _retries.NextDueTicks <= now) && TryTakeIdle(out var connection)
        )
            StartNext(readiness, connection, now);
    }

    private void PutIdle(Connection connection)
    {
        if (connection.IsIdle)
            return;
        connection.IsIdle = true;
        _idle.Push(connection);
    }

    // A connection that broke while idle stays in the stack without a socket: skip it here; the sweep reconnects it and
    // puts it back.
    private bool TryTakeIdle([NotNullWhen(true)] out Connection? connection)
    {
        while (_idle.TryPop(out connection))
        {
            connection.IsIdle = false;
            if (connection.Socket is not null)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Sends the next request on a free connection: a due retry first, then a waiting request, then a new one.
    /// </summary>
    private void StartNext(Readiness readiness, Connection connection, long now)
    {
        if (_retries.TryTake(connection, now))
            Transmit(readiness, connection, now);
        else if (_isExhausted)
            PutIdle(connection);
        else if (_schedule is null && now < _window.End)
            Start(readiness, connection, now, now);
        else if (_backlog.Count > 0)
            Start(readiness, connection, _backlog.Dequeue(), now);
        else
            PutIdle(connection);
    }

    private void Start(Readiness readiness, Connection connection, long intended, long now)
    {
        connection.Request.Clear();
        if (!_source.TryNext(connection.Request, out var tag))
        {
            _isExhausted = true;
            PutIdle(connection);
            return;
        }
        connection.Tag = tag;
        connection.IntendedTicks = intended;
        connection.AttemptDueTicks = intended;
        connection.Attempt = 0;
        Transmit(readiness, connection, now);
    }

    private void Transmit(Readiness readiness, Connection connection, long now)
    {
        connection.SentTicks = now;
        connection.IsBusy = true;
        _busy++;
        switch (connection.Send())
        {
            case Progress.Pending:
                connection.IsWaitingToWrite = true;
                readiness.WantWrite(connection.Slot, connection.Socket!, true);
                break;
            case Progress.Broken:
                Fail(readiness, connection, Verdict.Broken, now);
                break;
        }
    }

    private void OnReady(Readiness readiness, Connection connection)
    {
        if (connection.Socket is not { } socket)
            return;
        if (connection.IsWaitingToWrite)
        {
            switch (connection.ContinueSend())
            {
                case Progress.Broken:
                    Fail(readiness, connection, Verdict.Broken, Stopwatch.GetTimestamp());
                    return;
                case Progress.Answered:
                    connection.IsWaitingToWrite = false;
                    readiness.WantWrite(connection.Slot, socket, false);
                    break;
            }
        }
        switch (connection.Receive(out var response))
        {
            case Progress.Answered:
                OnAnswer(readiness, connection, response);
                break;
            case Progress.Broken:
                Fail(readiness, connection, Verdict.Broken, Stopwatch.GetTimestamp());
                break;
        }
    }

    // The next sweep reconnects after the pause, so that a dead server is not hammered.
    private void Drop(Readiness readiness, Connection connection, long now)
    {
        if (connection.Socket is { } socket)
            readiness.Remove(connection.Slot, socket);
        connection.Close();
        connection.ConnectAfterTicks = now + ToTicks(ReconnectAfter);
    }

    private void Sweep(Readiness readiness, long now)
    {
        var timeout = ToTicks(_plan.Timeout);
        var connects = 0;
        foreach (var connection in _connections)
        {
            if (connection.IsBusy && now - connection.SentTicks > timeout)
                Fail(readiness, connection, Verdict.TimedOut, now);
            if (
                connection.Socket is not null
                || !_isSending
                || now < connection.ConnectAfterTicks
                || connects++ >= MaxConnectsEachSweep
            )
                continue;
            if (connection.TryConnect(_plan.Server, SourceOf(connection.Slot)))
            {
                Tally.Connects++;
                readiness.Add(connection.Slot, connection.Socket!);
                PutIdle(connection);
            }
            else
            {
                connection.ConnectAfterTicks = now + ToTicks(ReconnectAfter);
                Tally.ConnectFailures++;
            }
        }
    }

    private IPAddress? SourceOf(int slot) =>
        _plan.Sources <= 1 ? null : new IPAddress([127, 0, 0, (byte)(FirstSource + slot % _plan.Sources)]);

    private static long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}

/// <summary>When the load starts, and when the measured window starts and ends, in Stopwatch ticks.</summary>
internal readonly record struct WorkerWindow(long WarmupStart, long Start, long End);
