using System.Diagnostics.Metrics;

namespace Grid.Gateway.Metrics;

/// <summary>The request classes of the metrics: a few fixed ones, never a path.</summary>
internal enum RequestPath
{
    Display,
    Scan,
    Results,
    Sampling,
    Other,
}

/// <summary>Client requests: counts, outcomes and durations. Health probes and scrapes are excluded.</summary>
internal sealed class RequestMetrics
{
    private static readonly string[] Paths = ["display", "scan", "results", "sampling", "other"];
    private static readonly string[] Outcomes = ["ok", "refused", "fault"];
    private static readonly KeyValuePair<string, object?>[] PathTags =
    [
        .. Paths.Select(path => new KeyValuePair<string, object?>("path", path)),
    ];

    private readonly StripedCount _begun = new();
    private readonly StripedCount[] _ended =
    [
        .. Enumerable.Range(0, Paths.Length * Outcomes.Length).Select(_ => new StripedCount()),
    ];
    private readonly Histogram<double> _duration;

    public RequestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(HotCounters.MeterName);
        meter.CreateObservableCounter(
            "grid.requests",
            Ended,
            "{request}",
            "Requests answered, by path and outcome; refused is the caller's error, fault the grid's."
        );
        meter.CreateObservableGauge("grid.requests.active", Active, "{request}", "Requests in flight.");
        _duration = meter.CreateHistogram<double>(
            "grid.request.duration",
            "s",
            "Time to the answer, by path.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                [
                    0.0001,
                    0.00025,
                    0.0005,
                    0.001,
                    0.0025,
                    0.005,
                    0.01,
                    0.025,
                    0.05,
                    0.1,
                    0.2,
                    0.5,
                    1,
                    2,
                    5,
                ],
            }
        );
    }

    internal void Begin() => _begun.Add();

    internal void End(RequestPath path, int status) =>
        _ended[
            (int)path * Outcomes.Length
                + (
                    status < 400 ? 0
                    : status < 500 ? 1
                    : 2
                )
        ]
            .Add();

    internal void Took(RequestPath path, TimeSpan time) => _duration.Record(time.TotalSeconds, PathTags[(int)path]);

    private Measurement<long>[] Ended() =>
        [
            .. _ended.Select(
                (count, i) =>
                    new Measurement<long>(
                        count.Read(),
                        PathTags[i / Outcomes.Length],
                        new KeyValuePair<string, object?>("outcome", Outcomes[i % Outcomes.Length])
                    )
            ),
        ];

    private long Active()
    {
        // Read the ends first: a request that ends between the two reads must not make the difference negative.
        var ended = _ended.Sum(count => count.Read());
        return _begun.Read() - ended;
    }
}
