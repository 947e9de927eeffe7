using Grid.Engine.Wire;

namespace Grid.Engine.Cluster;

/// <summary>The times of a cluster. Every silo of it has the same.</summary>
public record ClusterTimes
{
    /// <summary>
    /// How long a silo whose beat has stopped is held to live, by the clock of who watches it. Default 750 ms.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMilliseconds(750);

    /// <summary>
    /// How much before the end of its lease a silo stops answering of itself: more than clocks of two machines drift
    /// apart in one lease. Default 100 ms.
    /// </summary>
    public TimeSpan LeaseMargin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often it renews its lease and looks at the others. Default 150 ms.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// How long a hand-over waits for calls that are in the middle of something before it goes on without them. Default 1 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Units that are handed over at the same time. Default 2.</summary>
    public int HandOversMax { get; init; } = 2;

    /// <summary>
    /// How long another member may be out of reach before the one with the greater name of the two stands by. Default 1.5 s.
    /// </summary>
    public TimeSpan UnreachableMax { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// How long a silo goes on answering reads by the promises of the others while the shared store can't be reached; and how long, and a
    /// little more, who joins meanwhile waits before it holds a silo dead that does not know of it. 0: leases end. Default 10 min.
    /// </summary>
    public TimeSpan StoreOutageMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What it asks of other silos is given up after this time. Default 500 ms.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>What a silo of a cluster is told.</summary>
public sealed record ClusterNodeOptions : ClusterTimes
{
    /// <summary>For a silo with this name and address.</summary>
    /// <param name="times">The times of the cluster.</param>
    public ClusterNodeOptions(ClusterTimes times)
        : base(times)
    {
    }

    /// <summary>For a silo of a cluster with the times that are usual.</summary>
    public ClusterNodeOptions()
    {
    }

    /// <summary>The silo's name, unique in its cluster; the same after a restart.</summary>
    public required string Name { get; init; }

    /// <summary>Where others reach it.</summary>
    public required SiloAddress Address { get; init; }

    /// <summary>The oldest version of the protocol that it speaks.</summary>
    public int ProtocolMin { get; init; } = 1;

    /// <summary>The newest version of the protocol that it speaks.</summary>
    public int ProtocolMax { get; init; } = 1;
}
