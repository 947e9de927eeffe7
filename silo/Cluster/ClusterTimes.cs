using Grid.Hosting.Settings;
using Orleans.Configuration;

namespace Grid.Silo.Cluster;

/// <summary>
/// The times of failure detection and takeover. They are in one place because safety is an inequality between them: a
/// silo that was declared dead must stop (<see cref="Lease"/>) before a successor starts (<see cref="Hold"/>).
/// </summary>
internal sealed record ClusterTimes
{
    /// <summary>Time-out of a probe. 0.5 s killed healthy silos on overloaded processors.</summary>
    internal static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Consecutive missed probes before a silo is suspected.</summary>
    internal const int MaxMissedProbes = 2;

    /// <summary>
    /// Pause between the two refusals that prove a process gone: a process may be restarting its listener.
    /// </summary>
    internal static readonly TimeSpan RefusalPause = TimeSpan.FromMilliseconds(30);

    /// <summary>
    /// Pause between attempts to declare a member dead. Orleans does not retry a lost compare-and-swap.
    /// </summary>
    internal static readonly TimeSpan KillPause = TimeSpan.FromMilliseconds(300);

    /// <summary>Time limit of a connection attempt to a peer, and the pause after an inconclusive one.</summary>
    internal static readonly TimeSpan DialPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Period of Orleans' own membership reads. After a failure Orleans waits 2 to 64 s, so the gate reads on its own
    /// and notifies Orleans of changes.
    /// </summary>
    internal static readonly TimeSpan OwnRefreshPeriod = TimeSpan.FromSeconds(5);

    private ClusterTimes(TimeSpan lease, TimeSpan withoutRedis) => (Lease, WithoutRedis) = (lease, withoutRedis);

    /// <summary>How long the gate stays open after the start of a successful membership read.</summary>
    internal TimeSpan Lease { get; }

    /// <summary>How long attestations keep the gate open after the last successful read by any member.</summary>
    internal TimeSpan WithoutRedis { get; }

    /// <summary>
    /// Allowed drift between two monotonic clocks over a lease: a fifth, 10,000 times what oscillators drift.
    /// </summary>
    internal TimeSpan DriftMargin => Lease / 5;

    /// <summary>
    /// How long a successor waits after it learns of a death before it answers for the dead silo's grains.
    /// </summary>
    internal TimeSpan Hold => Lease + DriftMargin;

    /// <summary>
    /// From the start of one read to the start of the next. Three reads fit in a lease, so one may fail.
    /// </summary>
    internal TimeSpan ReadPeriod => Lease * 0.3;

    /// <summary>A longer read counts as failed; its result is still used if it arrives in time.</summary>
    internal TimeSpan ReadLimit => Lease * 0.3;

    /// <summary>
    /// After a longer read the silo asks the other members, so that their answers arrive before the gate shuts.
    /// </summary>
    internal TimeSpan AskAfter => Lease * 0.1;

    internal static ClusterTimes Of(GridClusterOptions options) => new(options.Lease, options.HotDisplaysWithoutRedis);

    /// <summary>Configures Orleans' membership.</summary>
    internal static void Configure(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = ProbeTimeout;
        membership.NumMissedProbesLimit = MaxMissedProbes;
        membership.TableRefreshTimeout = OwnRefreshPeriod;
        // Otherwise Orleans does not vote while a connection has carried a recent message: a frozen silo would stay for
        // 8 s more.
        membership.EnableConnectionLivenessCheck = false;
    }
}
