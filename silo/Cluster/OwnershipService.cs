using Microsoft.Extensions.Logging;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Grid.Silo.Cluster;

/// <summary>A silo's partitions, one bit each.</summary>
/// <param name="Serving">The partitions that it serves.</param>
/// <param name="Busy">The partitions that it is taking over or handing over.</param>
[GenerateSerializer, Immutable, Alias("grid.cluster.held")]
internal sealed record HeldPartitions([property: Id(0)] ulong[] Serving, [property: Id(1)] ulong[] Busy);

/// <summary>How silos agree on the owner of a partition.</summary>
[Alias("grid.cluster.ownership")]
internal interface IOwnershipService : IGrainService
{
    /// <summary>The partitions of this silo.</summary>
    [Alias("held")]
    ValueTask<HeldPartitions> Held();

    /// <summary>Announces that a silo is about to stop and its partitions move.</summary>
    [Alias("leave")]
    ValueTask Leave(SiloAddress silo);

    /// <summary>Announces that a silo starts to hand these partitions over to this one.</summary>
    [Alias("expect")]
    ValueTask Expect(SiloAddress from, int[] partitions);

    /// <summary>
    /// Whether a grain, in a partition that is being handed over to the asking silo, is no longer active here.
    /// </summary>
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

/// <summary>Access to the other silos.</summary>
internal interface IOwnershipPeers
{
    /// <summary>The ownership service of a silo.</summary>
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
