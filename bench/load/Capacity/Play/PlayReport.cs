using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>An event of the run, in seconds from the load's start.</summary>
internal sealed record PlayEvent(double Second, string Text);

/// <summary>A figure beside its target.</summary>
/// <param name="Met">Null for a figure without a target.</param>
internal sealed record TargetLine(string What, string Target, string Figure, bool? Met);

/// <summary>The outcome of a played scenario.</summary>
internal sealed record PlayReport
{
    public required DateTimeOffset At { get; init; }

    public required string Command { get; init; }

    public required MachineReport Machine { get; init; }

    public required string Scenario { get; init; }

    public required string Cluster { get; init; }

    public required string Mix { get; init; }

    public double? Slice { get; init; }

    public required LoadReport Load { get; init; }

    public required IReadOnlyList<PlayEvent> Events { get; init; }

    public required IReadOnlyList<TargetLine> Targets { get; init; }

    public required HistoryVerdict History { get; init; }
}
