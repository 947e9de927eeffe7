using Grid.Hosting.Settings;

namespace Grid.Tests.Simulation;

/// <summary>The times of a simulated cluster.</summary>
internal static class SimTimes
{
    /// <summary>As <see cref="SiloOptions.ResponseTimeout"/>.</summary>
    internal static readonly TimeSpan ResponseTimeout = new SiloOptions().ResponseTimeout;

    /// <summary>How often a single process reads its table, and how long a member waits before it tries to join again.</summary>
    internal static readonly TimeSpan TableRefresh = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a member waits for the table's server.</summary>
    internal static readonly TimeSpan TableTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a member probes the others, and how long it waits for each.</summary>
    internal static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(500);

    /// <summary>Probes without an answer after which a member is held dead.</summary>
    internal const int MissedProbes = 2;

    /// <summary>How long Orleans' own fatal handler lets a dead silo answer.</summary>
    internal static readonly TimeSpan SlowEnd = TimeSpan.FromSeconds(2);

    /// <summary>How long a silo that stops waits for its activations to end.</summary>
    internal static readonly TimeSpan Drain = TimeSpan.FromSeconds(3);
}
