using System.Diagnostics.Metrics;

namespace Grid.Results;

/// <summary>Metrics of laboratories' results. Meter <c>Grid.Results</c>.</summary>
public sealed class ResultMetrics
{
    public const string MeterName = "Grid.Results";

    private const double SecondsPerHour = 3_600;

    private static readonly double[] AgeBoundsHours = [1, 2, 4, 6, 8, 12, 16, 20, 24, 36, 48];

    private readonly Counter<long> _reported;
    private readonly Counter<long> _released;
    private readonly Histogram<double> _age;

    public ResultMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _reported = meter.CreateCounter<long>(
            "grid.results",
            "{result}",
            "Results reported, by outcome. A held result arrived before its tube."
        );
        _released = meter.CreateCounter<long>(
            "grid.results.released",
            "{result}",
            "Held results whose tube was registered."
        );
        _age = meter.CreateHistogram<double>(
            "grid.result.age",
            "s",
            "Time from a tube's first sample until every member has the result.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [.. AgeBoundsHours.Select(static hours => hours * SecondsPerHour)],
            }
        );
    }

    internal void Reported(ResultStatus status, bool applied)
    {
        var outcome = status switch
        {
            ResultStatus.Accepted => applied ? "applied" : "held",
            ResultStatus.Replayed => "replayed",
            ResultStatus.Conflict => "conflict",
            _ => "refused",
        };
        _reported.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
    }

    internal void Released(int results)
    {
        if (results > 0)
            _released.Add(results);
    }

    internal void Applied(TimeSpan sinceSample) => _age.Record(sinceSample.TotalSeconds);
}
