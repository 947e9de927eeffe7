using System.Net;

namespace Grid.Bench.Load.Driving;

/// <summary>How hard, how long and with how many connections; what is asked is the sources' affair.</summary>
internal sealed record LoadPlan
{
    public const int ConnectionsMax = 20_000;
    public const int ThreadsMax = 64;

    public required IPEndPoint Server { get; init; }

    /// <summary>Of all workers together; in an open loop the bound of requests under way.</summary>
    public int Connections { get; init; } = 64;

    public int Threads { get; init; } = 1;

    /// <summary>The measured window.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Load before the window, not counted.</summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A request without an answer for so long is given up, its connection closed, its outcome unknown.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Set: an open loop at this rate. Null: a closed loop, each connection asks again when it is answered.</summary>
    public RateProfile? Rate { get; init; }

    /// <summary>Poisson arrivals in an open loop, else even ones.</summary>
    public bool Poisson { get; init; }

    /// <summary>Requests of an open loop that may wait for a free connection; beyond it they count as unsent.</summary>
    public int BacklogMax { get; init; } = 20_000;

    public int Seed { get; init; } = 1;

    /// <summary>Processes whose CPU time is accounted to the server, children included.</summary>
    public IReadOnlyList<int> ServerPids { get; init; } = [];
}
