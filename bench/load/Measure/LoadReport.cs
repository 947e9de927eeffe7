using System.Text.Json.Serialization;

namespace Grid.Bench.Load.Measure;

/// <summary>Latencies in milliseconds; in an open loop from the intended send time.</summary>
internal sealed record LatencyFigures(double Mean, double P50, double P90, double P99, double P999, double Max)
{
    public static LatencyFigures Of(LatencyHistogram h) =>
        new(
            h.MeanNanoseconds / 1e6,
            Ms(h.Percentile(0.5)),
            Ms(h.Percentile(0.9)),
            Ms(h.Percentile(0.99)),
            Ms(h.Percentile(0.999)),
            Ms(h.MaxNanoseconds)
        );

    private static double Ms(long nanoseconds) => nanoseconds / 1e6;
}

internal sealed record KindReport(
    string Kind,
    long Done,
    long Units,
    long Refused,
    long Wrong,
    long TimedOut,
    long Broken,
    LatencyFigures LatencyMs
);

/// <summary>One second of the measured window, named by its end.</summary>
/// <param name="AdmittedP99Ms">From the due time of the successful attempt.</param>
internal sealed record IntervalReport(
    double Second,
    double OfferedPerSecond,
    double DonePerSecond,
    long Failed,
    double P50Ms,
    double P99Ms,
    double AdmittedP99Ms = 0,
    long Retries = 0
);

/// <summary>A part of the window: the answers in it, whenever their requests were due.</summary>
/// <param name="AdmittedMs">From the due time of the successful attempt.</param>
internal sealed record PhaseReport(
    string Name,
    double FromSecond,
    double ToSecond,
    double OfferedPerSecond,
    double DonePerSecond,
    double FailedPerSecond,
    double RetriesPerSecond,
    LatencyFigures LatencyMs,
    LatencyFigures AdmittedMs
);

/// <summary>The outcome of one run of load.</summary>
internal sealed record LoadReport
{
    public required string Scenario { get; init; }

    public required string Url { get; init; }

    /// <summary>closed or open.</summary>
    public required string Loop { get; init; }

    public required int Connections { get; init; }

    public required int Threads { get; init; }

    /// <summary>The measured window; shorter than requested when a source ran out of requests.</summary>
    public required double Seconds { get; init; }

    /// <summary>Requests due in the window of an open loop; of a closed loop those answered.</summary>
    public required double OfferedPerSecond { get; init; }

    /// <summary>Requests done in the window.</summary>
    public required double AchievedPerSecond { get; init; }

    /// <summary>Facts of those requests: scans in batches, members of tubes.</summary>
    public required double UnitsPerSecond { get; init; }

    public required long Unsent { get; init; }

    public required long Failed { get; init; }

    /// <summary>Refused, wrong, timed out, broken and unsent requests as a part of all that were due.</summary>
    public required double ErrorRate { get; init; }

    /// <summary>Failed attempts that were followed by a retry.</summary>
    public long Retries { get; init; }

    /// <summary>Attempts without a whole answer in time, retried or not.</summary>
    public long AttemptsTimedOut { get; init; }

    /// <summary>The longest time until an attempt was answered, refused, broken or given up.</summary>
    public double LongestWaitMs { get; init; }

    /// <summary>From the intended send time, waiting and retries included.</summary>
    public required LatencyFigures LatencyMs { get; init; }

    /// <summary>From the due time of the successful attempt; null for another client.</summary>
    public LatencyFigures? AdmittedMs { get; init; }

    public required IReadOnlyList<KindReport> Kinds { get; init; }

    public required IReadOnlyDictionary<int, long> Statuses { get; init; }

    public required long Connects { get; init; }

    public required long ConnectFailures { get; init; }

    public required double ReceivedMegabytesPerSecond { get; init; }

    /// <summary>This tool's own CPU time for each request; null for another client.</summary>
    public double? ClientCpuMicroseconds { get; init; }

    /// <summary>CPU time of the server's processes for each request; null when their ids are unknown.</summary>
    public double? ServerCpuMicroseconds { get; init; }

    public IReadOnlyList<IntervalReport> Intervals { get; init; } = [];

    public IReadOnlyList<PhaseReport> Phases { get; init; } = [];

    [JsonIgnore]
    public bool IsEmpty => AchievedPerSecond <= 0;
}
