using Microsoft.Extensions.Logging;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Grid.Silo.Cluster;

/// <summary>What a silo says of its partitions: one bit each.</summary>
/// <param name="Serving">Those that it serves.</param>
/// <param name="Busy">Those that it is taking over or handing over.</param>
[GenerateSerializer, Immutable, Alias("grid.cluster.held")]
internal sealed record HeldPartitions([property: Id(0)] ulong[] Serving, [property: Id(1)] ulong[] Busy);

/// <summary>How silos agree which of them has a partition.</summary>
[Alias("grid.cluster.ownership")]
internal interface IOwnershipService : IGrainService
{
    /// <summary>What this silo has.</summary>
    [Alias("held")]
    ValueTask<HeldPartitions> Held();

    /// <summary>A silo is about to stop: its partitions go to the others.</summary>
    [Alias("leave")]
    ValueTask Leave(SiloAddress silo);

    /// <summary>A silo begins to hand over these partitions to this one.</summary>
    [Alias("expect")]
    ValueTask Expect(SiloAddress from, int[] partitions);

    /// <summary>Whether a grain of a partition that is handed over to the asking silo is not active here any more.</summary>
    [Alias("released")]
    ValueTask<bool> IsReleased(GrainId grain, SiloAddress asker);
}

/// <inheritdoc cref="IOwnershipService"/>
internal sealed class OwnershipService(
    GrainId id,
    Orleans.Runtime.Silo silo,
    ILoggerFactory logs,
    PartitionOwnership ownership,
    PartitionMap map
) : GrainService(id, silo, logs), IOwnershipService
{
    /// <inheritdoc/>
    public ValueTask<HeldPartitions> Held() => new(ownership.Held());

    /// <inheritdoc/>
    public ValueTask Leave(SiloAddress silo)
    {
        map.Leave(silo);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask Expect(SiloAddress from, int[] partitions)
    {
        ownership.Expect(from, partitions);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> IsReleased(GrainId grain, SiloAddress asker) => new(ownership.IsReleased(grain, asker));
}

/// <summary>The way to the other silos.</summary>
internal interface IOwnershipPeers
{
    /// <summary>The service of a silo.</summary>
    IOwnershipService Of(SiloAddress silo);
}

/// <inheritdoc cref="IOwnershipPeers"/>
internal sealed class OwnershipClient(IServiceProvider services)
    : GrainServiceClient<IOwnershipService>(services),
        IOwnershipPeers
{
    /// <inheritdoc/>
    public IOwnershipService Of(SiloAddress silo) => GetGrainService(silo);
}
