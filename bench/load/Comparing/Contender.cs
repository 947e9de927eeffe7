using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Comparing;

/// <summary>One server in a comparison, and how to send it a scenario.</summary>
internal sealed record Contender
{
    public const string Ceiling = "ceiling";
    public const string Grid = "grid";
    public const string GridCluster = "grid-cluster";
    public const string Redis = "redis";
    public const string Postgres = "postgres";
    public const string Orleans = "orleans";
    public const string OrleansCluster = "orleans-cluster";

    /// <summary>All contenders by name, with a description.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        [Ceiling] = "bare Kestrel, 60 bytes",
        [Grid] = "gateway and grains in one process, SQLite (synchronous=FULL)",
        [GridCluster] = "gateway → silo → PostgreSQL (synchronous_commit=on)",
        [Redis] = "the gateway on Redis, a command each (appendfsync=always)",
        [Postgres] = "the gateway on PostgreSQL, a statement each (synchronous_commit=on)",
        [Orleans] = "bare Orleans call in one process, a display's bytes, nothing else",
        [OrleansCluster] = "bare Orleans call, gateway → silo, a display's bytes, nothing else",
    };

    /// <summary>
    /// Whether a contender supports a scenario: the baselines have only single displays and scans; bare Orleans and the
    /// ceiling have no store.
    /// </summary>
    public static bool Plays(string name, string scenario) =>
        name switch
        {
            Grid or GridCluster => true,
            Redis or Postgres or Ceiling => scenario is "display" or "scan",
            _ => scenario == "display",
        };

    public required string Name { get; init; }

    public required int Port { get; init; }

    /// <summary>The processes whose CPU time counts for its requests.</summary>
    public required IReadOnlyList<int> Pids { get; init; }

    /// <summary>The requests of a worker.</summary>
    public required Func<int, IRequestSource> SourceOfWorker { get; init; }

    /// <summary>Prepares fresh data before each of its rounds.</summary>
    public Func<CancellationToken, Task> BeforeRoundAsync { get; init; } = _ => Task.CompletedTask;

    /// <summary>The same requests for wrk.</summary>
    public required Func<WrkRequests> ForWrk { get; init; }
}
