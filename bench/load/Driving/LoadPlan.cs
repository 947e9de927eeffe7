using System.Net;

namespace Grid.Bench.Load.Driving;

/// <summary>A part of a run.</summary>
internal sealed record LoadPhase(string Name, int FromSecond, int ToSecond);

/// <summary>How hard, how long and with how many connections; what is asked is the sources' affair.</summary>
internal sealed record LoadPlan
{
    public const int ConnectionsMax = 20_000;
    public const int MaxThreads = 64;

    public required IPEndPoint Server { get; init; }

    /// <summary>Addresses of this machine that the connections come from by turns; above one they are 127.0.0.2 and on.</summary>
    public int Sources { get; init; } = 1;

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

    /// <summary>Parts of the measured window that are summed up on their own, in whole seconds from its start.</summary>
    public IReadOnlyList<LoadPhase> Phases { get; init; } = [];

    /// <summary>Poisson arrivals in an open loop, else even ones.</summary>
    public bool Poisson { get; init; }

    /// <summary>Requests of an open loop that may wait for a free connection; beyond it they count as unsent.</summary>
    public int MaxBacklog { get; init; } = 20_000;

    /// <summary>
    /// How often a client sends a request again that was refused or got no whole answer. Not before the server's
    /// Retry-After, or <see cref="RetryPause"/> when it said nothing, and up to half of that later, at random.
    /// </summary>
    public int MaxRetries { get; init; }

    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public int Seed { get; init; } = 1;

    /// <summary>Processes whose CPU time is accounted to the server, children included.</summary>
    public IReadOnlyList<int> ServerPids { get; init; } = [];
}
