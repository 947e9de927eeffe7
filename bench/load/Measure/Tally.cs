using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Measure;

/// <summary>
/// The counts of one worker. One writer; the monitor reads single numbers during the run and everything after it.
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

    /// <summary>Requests done within the measured window: the achieved rate.</summary>
    public long DoneInWindow { get; private set; }

    /// <summary>The facts of those requests.</summary>
    public long UnitsInWindow { get; private set; }

    /// <summary>Requests of an open loop that were due in the window.</summary>
    public long Offered { get; set; }

    /// <summary>Requests that were due when the backlog was full, and were never sent.</summary>
    public long Unsent { get; set; }

    /// <summary>Refused or failed attempts that were followed by a retry.</summary>
    public long Retries { get; private set; }

    /// <summary>Latency of the successful attempts, each from its due time: the wait of an admitted caller.</summary>
    public LatencyHistogram Admitted { get; } = new();

    /// <summary>The longest time from sending an attempt to its end, of any kind, in nanoseconds.</summary>
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

    /// <param name="nanoseconds">Since the request was due.</param>
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
        // Only a request that was done has a latency: fast refusals would improve the percentiles.
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
