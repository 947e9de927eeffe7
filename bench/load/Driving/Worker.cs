using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Driving;

/// <summary>
/// One thread, its connections, and a loop over the ready ones. In a closed loop an answer is followed at once by the next
/// request on its connection. In an open loop requests become due by the clock; those that find no free connection wait in a
/// bounded queue, and their latency counts from when they were due.
/// </summary>
internal sealed class Worker
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromMilliseconds(100);

    private readonly LoadPlan _plan;
    private readonly IRequestSource _source;
    private readonly ArrivalSchedule? _schedule;
    private readonly Connection[] _connections;
    private readonly Stack<Connection> _idle;
    private readonly Queue<long> _backlog = new();
    private readonly int _backlogMax;
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
        _backlogMax = Math.Max(1, plan.BacklogMax / plan.Threads);
        var count = plan.Connections / plan.Threads + (index < plan.Connections % plan.Threads ? 1 : 0);
        _connections = [.. Enumerable.Range(0, count).Select(i => new Connection(i))];
        _idle = new Stack<Connection>(count);
        if (plan.Rate is { } rate)
        {
            var random = plan.Poisson ? new Random(plan.Seed * 7919 + index) : null;
            _schedule = new ArrivalSchedule(
                rate, 1.0 / plan.Threads, (index + 0.5) / plan.Threads, random, plan.Warmup, window.WarmupStart, Stopwatch.Frequency);
        }
    }

    public Tally Tally { get; } = new();

    /// <summary>When the last answer had come after the source had nothing left to send; 0 when it always had.</summary>
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
        if (_isExhausted)
            ExhaustedTicks = Stopwatch.GetTimestamp();
        else
            Tally.Unsent += _backlog.Count(due => due >= _window.Start);
    }

    // What was due before the end is still sent after it, for as long as an answer would be waited for: else the requests that
    // a slow server held up would be missing from the latencies.
    private bool IsSending(long now)
    {
        if (_isExhausted || _stop.IsCancellationRequested)
            return false;
        if (_schedule is null)
            return now < _window.End;
        return (_schedule.DueTicks < _window.End || _backlog.Count > 0) && now <= _window.End + ToTicks(_plan.Timeout);
    }

    private TimeSpan WaitTime(long now, long nextSweep)
    {
        var until = nextSweep;
        // With no idle connection a request that becomes due can't be sent anyway before an answer has come.
        if (_isSending && _schedule is not null && _idle.Count > 0)
            until = Math.Min(until, _schedule.DueTicks);
        return until <= now ? TimeSpan.Zero : Stopwatch.GetElapsedTime(now, until);
    }

    private void SendDue(Readiness readiness, long now)
    {
        if (_schedule is null)
        {
            while (!_isExhausted && TryTakeIdle(out var connection))
                Start(readiness, connection, now, now);
            return;
        }
        for (; _schedule.DueTicks <= now && _schedule.DueTicks < _window.End; _schedule.Advance())
        {
            var isInWindow = _schedule.DueTicks >= _window.Start;
            if (isInWindow)
                Tally.Offered++;
            if (_backlog.Count < _backlogMax)
                _backlog.Enqueue(_schedule.DueTicks);
            else if (isInWindow)
                Tally.Unsent++;
        }
        while (_backlog.Count > 0 && !_isExhausted && TryTakeIdle(out var connection))
            Start(readiness, connection, _backlog.Dequeue(), now);
    }

    private void PutIdle(Connection connection)
    {
        if (connection.IsIdle)
            return;
        connection.IsIdle = true;
        _idle.Push(connection);
    }

    // A connection that broke while it was idle stays in the stack without a socket: it is passed over here, and put back
    // by the sweep that connects it again.
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

    private void OnAnswer(Readiness readiness, Connection connection, in Response response)
    {
        var now = Stopwatch.GetTimestamp();
        if (!connection.IsBusy)
        {
            Drop(readiness, connection, now);
            return;
        }
        var verdict = _source.Judge(connection.Tag, response);
        Count(connection, verdict, response.Status, now);
        connection.IsBusy = false;
        _busy--;
        // An answer in front of the request's end (an early refusal) leaves the rest of the request unsent.
        var isReusable = connection.Consume(response.Length) && response.KeepAlive && connection.IsSent;
        if (!isReusable)
        {
            Drop(readiness, connection, now);
            return;
        }
        if (!_isSending || _isExhausted)
            PutIdle(connection);
        else if (_schedule is null && now < _window.End)
            Start(readiness, connection, now, now);
        else if (_backlog.Count > 0)
            Start(readiness, connection, _backlog.Dequeue(), now);
        else
            PutIdle(connection);
    }

    private void Count(Connection connection, Verdict verdict, int status, long now)
    {
        if (connection.IntendedTicks < _window.Start)
            return;
        var nanoseconds = (long)((now - connection.IntendedTicks) * (1e9 / Stopwatch.Frequency));
        Tally.Answer(connection.Tag, verdict, status, nanoseconds, now <= _window.End);
    }

    private void Fail(Readiness readiness, Connection connection, Verdict verdict, long now)
    {
        if (connection.IsBusy)
        {
            Count(connection, verdict, 0, now);
            _source.Lost(connection.Tag);
            _busy--;
        }
        Drop(readiness, connection, now);
    }

    // The next sweep connects again, not earlier than the pause, so that a dead server isn't hammered.
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
        foreach (var connection in _connections)
        {
            if (connection.IsBusy && now - connection.SentTicks > timeout)
                Fail(readiness, connection, Verdict.TimedOut, now);
            if (connection.Socket is not null || !_isSending || now < connection.ConnectAfterTicks)
                continue;
            if (connection.TryConnect(_plan.Server))
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

    private static long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}

/// <summary>When the load starts, and from when to when it is counted, in Stopwatch ticks.</summary>
internal readonly record struct WorkerWindow(long WarmupStart, long Start, long End);
