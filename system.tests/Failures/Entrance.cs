using System.Diagnostics;
using System.Net;

namespace Grid.Tests.Failures;

/// <summary>The outcome of a call.</summary>
internal enum Reply
{
    /// <summary>Answered as expected.</summary>
    Done,

    /// <summary>503 with <c>Retry-After</c>: the caller repeats.</summary>
    Later,

    /// <summary>No answer: the connection was refused or broke, or the client timed out.</summary>
    Broken,

    /// <summary>An answer outside the contract.</summary>
    Wrong,
}

/// <summary>How an entrance takes part.</summary>
internal enum EntranceKind
{
    /// <summary>A gateway that is a member of the cluster.</summary>
    Member,

    /// <summary>A gateway that is an Orleans client: its bound is weaker.</summary>
    Client,

    /// <summary>A failing silo's own HTTP port. Its answers must be right, but it need not answer.</summary>
    Door,
}

/// <summary>A way into the grid, and the figures of its calls since the last <see cref="Restart"/>.</summary>
internal sealed class Entrance(string name, EntranceKind kind, HttpClient http)
{
    private const int MaxRemarks = 10;

    private readonly Lock _lock = new();
    private readonly List<string> _wrong = [];
    private EntranceFigures _figures;
    private volatile bool _isGone;

    internal string Name => name;

    internal EntranceKind Kind => kind;

    /// <summary>Its process was killed on purpose: callers go elsewhere, and its silence is not counted.</summary>
    internal bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    internal EntranceFigures Figures
    {
        get
        {
            lock (_lock)
                return _figures;
        }
    }

    /// <summary>The first answers outside the contract.</summary>
    internal string[] Wrong
    {
        get
        {
            lock (_lock)
                return [.. _wrong];
        }
    }

    /// <summary>Resets the figures after the warm-up.</summary>
    internal void Restart()
    {
        lock (_lock)
            _figures = default;
    }

    /// <summary>Sends once.</summary>
    internal async Task<(Reply Reply, string Body)> AskAsync(
        HttpRequestMessage request,
        bool isCommand,
        HttpStatusCode[] expected,
        CancellationToken stop
    )
    {
        using (request)
        {
            var from = Stopwatch.GetTimestamp();
            var (reply, body) = await SendAsync(request, expected, stop);
            if (!stop.IsCancellationRequested)
                Note(
                    reply,
                    isCommand,
                    Stopwatch.GetElapsedTime(from),
                    reply == Reply.Wrong ? $"{request.Method} {request.RequestUri!.AbsolutePath}: {body}" : ""
                );
            return (reply, body);
        }
    }

    /// <summary>Records a time without an answer, from the first refusal to the answer.</summary>
    internal void NoteRefusedFor(bool isCommand, TimeSpan time)
    {
        lock (_lock)
        {
            if (isCommand)
                _figures.CommandsRefusedFor = EntranceFigures.Longer(_figures.CommandsRefusedFor, time);
            else
                _figures.DisplaysRefusedFor = EntranceFigures.Longer(_figures.DisplaysRefusedFor, time);
        }
    }

    private async Task<(Reply Reply, string Body)> SendAsync(
        HttpRequestMessage request,
        HttpStatusCode[] expected,
        CancellationToken stop
    )
    {
        try
        {
            using var answer = await http.SendAsync(request, stop);
            var body = await answer.Content.ReadAsStringAsync(stop);
            if (expected.Contains(answer.StatusCode))
                return (Reply.Done, body);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null
                ? (Reply.Later, body)
                : (Reply.Wrong, $"{(int)answer.StatusCode} {body}");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            return (Reply.Broken, failure.Message);
        }
    }

    private void Note(Reply reply, bool isCommand, TimeSpan took, string remark)
    {
        lock (_lock)
        {
            _figures.LongestCall = EntranceFigures.Longer(_figures.LongestCall, took);
            _figures.Calls++;
            if (reply == Reply.Done)
                return;
            if (isCommand)
                _figures.CommandsRefused++;
            else
                _figures.DisplaysRefused++;
            if (reply == Reply.Wrong && _wrong.Count < MaxRemarks)
                _wrong.Add($"{name}: {remark}");
        }
    }
}

/// <summary>The calls of an entrance.</summary>
internal record struct EntranceFigures
{
    internal long Calls { get; set; }

    /// <summary>The longest duration of one call, answered or not.</summary>
    internal TimeSpan LongestCall { get; set; }

    internal long DisplaysRefused { get; set; }

    /// <summary>The longest time that a display was refused.</summary>
    internal TimeSpan DisplaysRefusedFor { get; set; }

    internal long CommandsRefused { get; set; }

    /// <summary>The longest time that a scan, a sample or a result was refused, under one id.</summary>
    internal TimeSpan CommandsRefusedFor { get; set; }

    internal static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
