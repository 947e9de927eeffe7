using System.Diagnostics.Metrics;

namespace Grid.Results;

/// <summary>Results of laboratories, whatever way they came, under the meter <c>Grid.Results</c>.</summary>
public sealed class ResultMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Grid.Results";

    private const double SecondsPerHour = 3_600;

    private readonly Counter<long> _reported;
    private readonly Counter<long> _released;
    private readonly Histogram<double> _age;

    /// <summary>Makes the instruments.</summary>
    public ResultMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _reported = meter.CreateCounter<long>("grid.results", "{result}", "Results reported, by outcome; held is before its tube.");
        _released = meter.CreateCounter<long>("grid.results.released", "{result}", "Held results whose tube has arrived.");
        _age = meter.CreateHistogram<double>(
            "grid.result.age", "s", "From the first sample of a tube to its result with the members.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [.. new double[] { 1, 2, 4, 6, 8, 12, 16, 20, 24, 36, 48 }.Select(static hours => hours * SecondsPerHour)],
            });
    }

    internal void Reported(ResultStatus status, bool applied) => _reported.Add(1, new KeyValuePair<string, object?>("outcome", status switch
    {
        ResultStatus.Accepted => applied ? "applied" : "held",
        ResultStatus.Replayed => "replayed",
        ResultStatus.Conflict => "conflict",
        _ => "refused",
    }));

    internal void Released(int results)
    {
        if (results > 0)
            _released.Add(results);
    }

    internal void Applied(TimeSpan sinceSample) => _age.Record(sinceSample.TotalSeconds);
}
