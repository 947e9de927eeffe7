using Grid.Hosting.Settings;

namespace Grid.Tests.Simulation;

/// <summary>The times of a simulated cluster.</summary>
internal static class SimTimes
{
    /// <summary>As <see cref="SiloOptions.ResponseTimeout"/>.</summary>
    internal static readonly TimeSpan ResponseTimeout = new SiloOptions().ResponseTimeout;

    /// <summary>
    /// The interval at which a single process reads its table, and the delay before a member tries to join again.
    /// </summary>
    internal static readonly TimeSpan TableRefresh = TimeSpan.FromMilliseconds(150);

    /// <summary>The time-out of a request to the table's server.</summary>
    internal static readonly TimeSpan TableTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>The interval and the time-out of probes.</summary>
    internal static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(500);

    /// <summary>The number of missed probes after which a member is declared dead.</summary>
    internal const int MissedProbes = 2;

    /// <summary>How long Orleans' fatal handler lets a dead silo answer.</summary>
    internal static readonly TimeSpan SlowEnd = TimeSpan.FromSeconds(2);

    /// <summary>How long a stopping silo waits for its activations.</summary>
    internal static readonly TimeSpan Drain = TimeSpan.FromSeconds(3);
}
