using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.Capacity.Sizing;
using Grid.Bench.Load.Comparing;

namespace Grid.Bench.Load.Capacity.Reporting;

/// <summary>One number of silos: the highest rates, round by round, and the trial of the median round.</summary>
/// <param name="Rates">The highest rate that held in each round, in requests done a second.</param>
/// <param name="IsBounded">Whether a higher rate failed in every round; if not, the capacity is at least this.</param>
/// <param name="Trial">The trial of the median round: the point's CPU and latencies.</param>
internal sealed record CapacityPoint(
    string Name,
    int Silos,
    IReadOnlyList<double> Rates,
    bool IsBounded,
    Trial Trial,
    string BrokenBy
)
{
    public double Rate => CompareReport.Median(Rates);

    public Measured Measured =>
        new(
            Silos,
            Trial.Load.AchievedPerSecond,
            Trial.Usage.Of(MemberRole.Silo),
            Trial.Usage.Of(MemberRole.Gateway),
            Trial.RowsPerRequest
        );

    /// <summary>The bottleneck, as seen in the trials that failed.</summary>
    public string Bottleneck => BrokenBy;
}

/// <summary>The result of a run of <c>capacity</c>.</summary>
internal sealed record CapacityReport
{
    public required DateTimeOffset At { get; init; }

    public required string Command { get; init; }

    public required MachineReport Machine { get; init; }

    public required string Scenario { get; init; }

    public required string Mix { get; init; }

    public required SearchBounds Bounds { get; init; }

    public required int Residents { get; init; }

    /// <summary>Cores of each silo; null: unlimited.</summary>
    public double? Slice { get; init; }

    public double? PeriodMs { get; init; }

    public string? WhyNoSlices { get; init; }

    public required IReadOnlyList<CapacityPoint> Points { get; init; }

    public IReadOnlyList<Prediction> Predictions { get; init; } = [];

    public SizingModel? Model { get; init; }

    public required CityNeeds Needs { get; init; }

    public CitySize? Size { get; init; }

    public required HistoryVerdict History { get; init; }

    /// <summary>The smallest cluster: the base of the comparison.</summary>
    public CapacityPoint? Base => Points.Where(point => point.Silos > 0).MinBy(point => point.Silos);

    public double? Speedup(CapacityPoint point) => Base is { } one && point.Silos > 0 ? point.Rate / one.Rate : null;

    public double? Efficiency(CapacityPoint point) =>
        Base is { } one && point.Silos > 0 ? point.Rate / one.Rate * one.Silos / point.Silos : null;
}
