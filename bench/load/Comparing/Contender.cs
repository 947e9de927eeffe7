using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Comparing;

/// <summary>One server in a comparison and how a scenario is asked of it.</summary>
internal sealed record Contender
{
    public const string CeilingName = "ceiling";
    public const string GridName = "grid";
    public const string OrleansName = "orleans";
    public const string ClusterName = "cluster";

    public required string Name { get; init; }

    /// <summary>What stands behind the name, for the table.</summary>
    public required string Says { get; init; }

    public required int Port { get; init; }

    /// <summary>The processes whose CPU time its requests cost.</summary>
    public required IReadOnlyList<int> Pids { get; init; }

    /// <summary>The requests of a worker.</summary>
    public required Func<int, IRequestSource> SourceOfWorker { get; init; }

    /// <summary>What has to be fresh before each of its rounds.</summary>
    public Func<CancellationToken, Task> BeforeRoundAsync { get; init; } = _ => Task.CompletedTask;

    /// <summary>The same requests for wrk.</summary>
    public required Func<WrkRequests> ForWrk { get; init; }
}
