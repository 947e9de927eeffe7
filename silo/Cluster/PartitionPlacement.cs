using System.Collections.Concurrent;
using System.Net;
using Orleans.Runtime.Placement;

namespace Grid.Silo.Cluster;

/// <summary>
/// A grain's place follows from its partition: every silo computes the same, residents of a partition are neighbours, and
/// a silo that joins takes only the partitions that it wins.
/// </summary>
public sealed class PartitionPlacement : PlacementStrategy;

/// <summary>Places a grain, also one that migrates, where the map has its partition.</summary>
internal sealed class PartitionPlacementDirector(PartitionMap map) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy,
        PlacementTarget target,
        IPlacementContext context
    ) =>
        map.Current.OwnerOf(GrainPartition.Of(target.GrainIdentity)) is { } owner
            ? Task.FromResult(owner)
            : throw new SiloUnavailableException("No silo that hosts grains is active.");
}

/// <summary>Rendezvous hashing: of all living silos the one with the highest draw for the partition has it.</summary>
internal sealed class PartitionDraw
{
    // Far more silos than a cluster has in its life between two restarts of this one.
    private const int MaxSeeds = 4_096;

    private readonly ConcurrentDictionary<SiloAddress, ulong> _seeds = new();

    /// <summary>The silo that has a partition.</summary>
    internal SiloAddress Winner(int partition, IReadOnlyList<SiloAddress> silos)
    {
        var winner = silos[0];
        ulong highest = 0;
        foreach (var silo in silos)
        {
            var draw = Mix(SeedOf(silo) + (ulong)partition);
            // Two equal draws: the order of the addresses decides, as everywhere.
            if (draw > highest || (draw == highest && silo.CompareTo(winner) < 0))
                (winner, highest) = (silo, draw);
        }

        return winner;
    }

    // The address without its generation: a silo that restarts in its place wins its old partitions back.
    private ulong SeedOf(SiloAddress silo)
    {
        if (_seeds.TryGetValue(silo, out var seed))
            return seed;
        if (_seeds.Count >= MaxSeeds)
            _seeds.Clear();
        return _seeds[silo] = Partitions.StableHash(
            new IPEndPoint(silo.Endpoint.Address, silo.Endpoint.Port).ToString()
        );
    }

    // Steps of one are spread over all bits: the finish of SplitMix64.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
