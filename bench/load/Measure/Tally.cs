using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Measure;

/// <summary>
/// What one worker counted. One writer; the monitor reads single numbers while it runs and everything after it ended.
/// </summary>
internal sealed class Tally
{
    public static readonly int Kinds = Enum.GetValues<RequestKind>().Length;
    public static readonly int Verdicts = Enum.GetValues<Verdict>().Length;

    private readonly long[] _answers = new long[Kinds * Verdicts];
    private readonly long[] _units = new long[Kinds];
    private readonly long[] _statuses = new long[600];
    private readonly long[] _retried = new long[Verdicts];

    public LatencyHistogram[] Latency { get; } = [.. Enumerable.Range(0, Kinds).Select(_ => new LatencyHistogram())];

    /// <summary>Answers judged done within the measured window: what the achieved rate is made of.</summary>
    public long DoneInWindow { get; private set; }

    /// <summary>The facts that those carried.</summary>
    public long UnitsInWindow { get; private set; }

    /// <summary>Requests of an open loop that were due in the window.</summary>
    public long Offered { get; set; }

    /// <summary>Requests that were due when the bound of waiting ones was reached, so that they were never sent.</summary>
    public long Unsent { get; set; }

    /// <summary>Attempts that were refused or failed and were followed by another of the same request.</summary>
    public long Retries { get; private set; }

    /// <summary>Latency of the attempts that were done, each from when it was due: what a caller who is let in waits.</summary>
    public LatencyHistogram Admitted { get; } = new();

    /// <summary>The longest that a connection waited for whatever came of an attempt, from when it was sent, in nanoseconds.</summary>
    public long LongestWait { get; private set; }

    public long BytesReceived { get; set; }

    public long Connects { get; set; }

    public long ConnectFailures { get; set; }

    public long this[RequestKind kind, Verdict verdict] =>
        Volatile.Read(ref _answers[(int)kind * Verdicts + (int)verdict]);

    public long Units(RequestKind kind) => _units[(int)kind];

    public long Status(int status) => _statuses[status];

    public void Waited(long nanoseconds) => LongestWait = Math.Max(LongestWait, nanoseconds);

    public void Retry(Verdict verdict, int status)
    {
        Retries++;
        _retried[(int)verdict]++;
        if (status > 0)
            _statuses[status]++;
    }

    public long Retried(Verdict verdict) => _retried[(int)verdict];

    /// <param name="nanoseconds">Since the request was meant to be sent.</param>
    /// <param name="attemptNanoseconds">Since its last attempt was due; the same without retries.</param>
    public void Answer(
        in RequestTag tag,
        Verdict verdict,
        int status,
        long nanoseconds,
        long attemptNanoseconds,
        bool inWindow
    )
    {
        _answers[(int)tag.Kind * Verdicts + (int)verdict]++;
        if (status > 0)
            _statuses[status]++;
        if (verdict != Verdict.Done)
            return;
        // Only a done request has a latency: a refusal is quick and would flatter the percentiles.
        Latency[(int)tag.Kind].Record(nanoseconds);
        Admitted.Record(attemptNanoseconds);
        _units[(int)tag.Kind] += tag.Units;
        if (!inWindow)
            return;
        DoneInWindow++;
        UnitsInWindow += tag.Units;
    }

    public long Total(Verdict verdict)
    {
        long sum = 0;
        for (var kind = 0; kind < Kinds; kind++)
            sum += this[(RequestKind)kind, verdict];
        return sum;
    }

    public void Add(Tally other)
    {
        for (var i = 0; i < _answers.Length; i++)
            _answers[i] += other._answers[i];
        for (var i = 0; i < Kinds; i++)
        {
            _units[i] += other._units[i];
            Latency[i].Add(other.Latency[i]);
        }
        for (var i = 0; i < _statuses.Length; i++)
            _statuses[i] += other._statuses[i];
        DoneInWindow += other.DoneInWindow;
        UnitsInWindow += other.UnitsInWindow;
        Offered += other.Offered;
        Unsent += other.Unsent;
        Retries += other.Retries;
        LongestWait = Math.Max(LongestWait, other.LongestWait);
        for (var i = 0; i < _retried.Length; i++)
            _retried[i] += other._retried[i];
        Admitted.Add(other.Admitted);
        BytesReceived += other.BytesReceived;
        Connects += other.Connects;
        ConnectFailures += other.ConnectFailures;
    }
}
