using System.Net;

namespace Grid.Bench.Load.Driving;

/// <summary>A part of a run.</summary>
internal sealed record LoadPhase(string Name, int FromSecond, int ToSecond);

/// <summary>The rate, duration and connections of a run; the sources make the requests.</summary>
internal sealed record LoadPlan
{
    public const int ConnectionsMax = 20_000;
    public const int MaxThreads = 64;

    public required IPEndPoint Server { get; init; }

    /// <summary>
    /// Number of local addresses, used in turn by the connections; above one they are 127.0.0.2 and on.
    /// </summary>
    public int Sources { get; init; } = 1;

    /// <summary>Connections of all workers together; in an open loop the maximum requests in flight.</summary>
    public int Connections { get; init; } = 64;

    public int Threads { get; init; } = 1;

    /// <summary>The measured window.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Load before the window, not counted.</summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// When a request without an answer is given up: its connection is closed, its outcome is unknown.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Set: an open loop at this rate. Null: a closed loop, each connection sends again when it is answered.
    /// </summary>
    public RateProfile? Rate { get; init; }

    /// <summary>Parts of the measured window that are summed up separately, in whole seconds from its start.</summary>
    public IReadOnlyList<LoadPhase> Phases { get; init; } = [];

    /// <summary>Poisson arrivals in an open loop, else even ones.</summary>
    public bool Poisson { get; init; }

    /// <summary>
    /// Maximum requests of an open loop that wait for a free connection; further ones count as unsent.
    /// </summary>
    public int MaxBacklog { get; init; } = 20_000;

    /// <summary>
    /// How often a client retries a request that was refused or got no whole answer. It waits for the server's
    /// Retry-After, or for <see cref="RetryPause"/> without one, plus a random jitter of up to half of that.
    /// </summary>
    public int MaxRetries { get; init; }

    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public int Seed { get; init; } = 1;

    /// <summary>Processes whose CPU time counts as the server's, children included.</summary>
    public IReadOnlyList<int> ServerPids { get; init; } = [];
}
