using System.Diagnostics;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Driving;

/// <summary>Handles the end of a request: counts it, or queues a retry.</summary>
internal sealed partial class Worker
{
    private void OnAnswer(Readiness readiness, Connection connection, in Response response)
    {
        var now = Stopwatch.GetTimestamp();
        if (!connection.IsBusy)
        {
            Drop(readiness, connection, now);
            return;
        }
        var verdict = _source.Judge(connection.Tag, response);
        Settle(connection, verdict, response.Status, response.RetryAfterSeconds, now);
        connection.IsBusy = false;
        _busy--;
        // An answer before the request's end (an early refusal) leaves the rest of the request unsent.
        var isReusable = connection.Consume(response.Length) && response.KeepAlive && connection.IsSent;
        if (!isReusable)
        {
            Drop(readiness, connection, now);
            return;
        }
        if (!_isSending)
            PutIdle(connection);
        else
            StartNext(readiness, connection, now);
    }

    private void Settle(Connection connection, Verdict verdict, int status, int retryAfterSeconds, long now)
    {
        if (connection.IntendedTicks >= _window.Start)
            Tally.Waited(Nanoseconds(now - connection.SentTicks));
        if (
            verdict is Verdict.Refused or Verdict.TimedOut or Verdict.Broken
            && connection.Attempt < _plan.MaxRetries
            && !_stop.IsCancellationRequested
        )
        {
            var pause = retryAfterSeconds > 0 ? TimeSpan.FromSeconds(retryAfterSeconds) : _plan.RetryPause;
            if (_retries.TryAdd(connection, verdict, now, ToTicks(pause), _window.End))
            {
                if (connection.IntendedTicks >= _window.Start)
                    Tally.Retry(verdict, status);
                return;
            }
        }
        Settle(connection.Tag, connection.IntendedTicks, connection.AttemptDueTicks, verdict, status, now);
    }

    private void Settle(in RequestTag tag, long intended, long attemptDue, Verdict verdict, int status, long now)
    {
        if (verdict != Verdict.Done)
            _source.GivenUp(tag, verdict);
        if (intended < _window.Start)
            return;
        Tally.Answer(
            tag,
            verdict,
            status,
            Nanoseconds(now - intended),
            Nanoseconds(now - attemptDue),
            now <= _window.End
        );
    }

    private static long Nanoseconds(long ticks) => (long)(ticks * (1e9 / Stopwatch.Frequency));

    private void Fail(Readiness readiness, Connection connection, Verdict verdict, long now)
    {
        if (connection.IsBusy)
        {
            Settle(connection, verdict, 0, 0, now);
            _busy--;
        }
        Drop(readiness, connection, now);
    }
}
