using System.Collections.Concurrent;
using System.Net;
using Orleans.Runtime.Placement;

namespace Grid.Silo.Cluster;

/// <summary>
/// Places a grain by its partition. Every silo computes the same place, residents of a partition are neighbours, and a
/// joining silo takes only the partitions that it wins.
/// </summary>
public sealed class PartitionPlacement : PlacementStrategy;

/// <summary>Places a grain, including a migrating one, on the silo that the map gives its partition.</summary>
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

/// <summary>Rendezvous hashing: the live silo with the highest draw for a partition owns it.</summary>
internal sealed class PartitionDraw
{
    // Far more silos than a cluster sees between two restarts of this one.
    private const int MaxSeeds = 4_096;

    private readonly ConcurrentDictionary<SiloAddress, ulong> _seeds = new();

    /// <summary>The silo that owns a partition.</summary>
    internal SiloAddress Winner(int partition, IReadOnlyList<SiloAddress> silos)
    {
        var winner = silos[0];
        ulong highest = 0;
        foreach (var silo in silos)
        {
            var draw = Mix(SeedOf(silo) + (ulong)partition);
            // Equal draws: the address order decides, as elsewhere.
            if (draw > highest || (draw == highest && silo.CompareTo(winner) < 0))
                (winner, highest) = (silo, draw);
        }

        return winner;
    }

    // The address without its generation: a silo that restarts in place wins back its old partitions.
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

    // The SplitMix64 finalizer: spreads consecutive values over all bits.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
