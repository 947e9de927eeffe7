using Grid.Hosting.Settings;
using Orleans.Configuration;

namespace Grid.Silo.Cluster;

/// <summary>
/// Every time by which members find a failure, stop answering and take over. One place, because safety is an inequality
/// among them: a silo that was declared dead must have stopped (<see cref="Lease"/>) before a successor begins (<see cref="Hold"/>).
/// </summary>
internal sealed record ClusterTimes
{
    /// <summary>How long a probe waits. 0.5 s killed healthy silos on starved processors.</summary>
    internal static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Probes in a row that a silo misses before another one suspects it.</summary>
    internal const int MaxMissedProbes = 2;

    /// <summary>Between the two refusals that count: a process that restarts its listener is not gone.</summary>
    internal static readonly TimeSpan RefusalPause = TimeSpan.FromMilliseconds(30);

    /// <summary>Between two attempts to declare a member dead. Orleans does not repeat a lost compare-and-swap.</summary>
    internal static readonly TimeSpan KillPause = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// How long one attempt to connect to a peer takes, and the pause after an attempt that says nothing.
    /// </summary>
    internal static readonly TimeSpan DialPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Orleans' own read of the membership, behind the gate's. After a failed one Orleans waits 2 to 64 s, so the gate reads by
    /// itself and tells Orleans what is new.
    /// </summary>
    internal static readonly TimeSpan OwnRefreshPeriod = TimeSpan.FromSeconds(5);

    private ClusterTimes(TimeSpan lease, TimeSpan withoutRedis) => (Lease, WithoutRedis) = (lease, withoutRedis);

    /// <summary>How long the gate stays open after the begin of a good read of the membership.</summary>
    internal TimeSpan Lease { get; }

    /// <summary>How long attestations keep the gate open after the last table that anybody read.</summary>
    internal TimeSpan WithoutRedis { get; }

    /// <summary>What two clocks of monotonic time may differ by over a lease: a fifth, 10,000 times what oscillators do.</summary>
    internal TimeSpan DriftMargin => Lease / 5;

    /// <summary>How long a successor waits after it has seen a death, before it answers for the dead silo's grains.</summary>
    internal TimeSpan Hold => Lease + DriftMargin;

    /// <summary>From the begin of a read to the begin of the next: three fit in a lease, so one may fail.</summary>
    internal TimeSpan ReadPeriod => Lease * 0.3;

    /// <summary>A read that takes longer counts as failed; its answer is used all the same when it comes in time.</summary>
    internal TimeSpan ReadLimit => Lease * 0.3;

    /// <summary>A read that takes longer makes the silo ask the others, so that their answers come before the gate shuts.</summary>
    internal TimeSpan AskAfter => Lease * 0.1;

    /// <summary>The times that the settings give.</summary>
    internal static ClusterTimes Of(GridClusterOptions options) => new(options.Lease, options.HotDisplaysWithoutRedis);

    /// <summary>Gives Orleans' membership its times.</summary>
    internal static void Configure(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = ProbeTimeout;
        membership.NumMissedProbesLimit = MaxMissedProbes;
        membership.TableRefreshTimeout = OwnRefreshPeriod;
        // Orleans casts no vote while a connection has carried a message lately; so a frozen silo would stay for 8 s more.
        membership.EnableConnectionLivenessCheck = false;
    }
}
