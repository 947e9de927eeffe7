using System.Diagnostics.CodeAnalysis;
using Orleans.GrainDirectory;
using Orleans.Metadata;
using Orleans.Runtime.GrainDirectory;
using Orleans.Runtime.Placement;

namespace Grid.Silo.Cluster;

/// <summary>
/// The directory of grains, computed: a grain is on the silo that has its partition. It keeps nothing for a grain and asks
/// nobody. That there is never a second activation is the work of <see cref="PartitionOwnership"/>.
/// </summary>
/// <param name="services">Gives the rest when it is first needed: Orleans makes the directory before what calls grains.</param>
internal sealed class PartitionDirectory(IServiceProvider services) : IGrainDirectory
{
    private readonly Lazy<PartitionMap> _map = new(services.GetRequiredService<PartitionMap>);

    // None in a member that hosts no grains.
    private readonly Lazy<PartitionOwnership?> _ownership = new(services.GetService<PartitionOwnership>);

    /// <inheritdoc/>
    public Task<GrainAddress?> Register(GrainAddress address) => Register(address, null, CancellationToken.None);

    /// <inheritdoc/>
    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress) =>
        Register(address, previousAddress, CancellationToken.None);

    /// <inheritdoc/>
    public Task<GrainAddress?> Register(
        GrainAddress address,
        GrainAddress? previousAddress,
        CancellationToken cancellationToken
    ) =>
        _ownership.Value is { } ownership
            ? ownership.RegisterAsync(address, previousAddress, cancellationToken)
            : Task.FromResult<GrainAddress?>(address);

    /// <inheritdoc/>
    public Task Unregister(GrainAddress address)
    {
        _ownership.Value?.Unregister(address.GrainId);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(Locate(grainId));

    /// <inheritdoc/>
    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;

    /// <summary>Where a grain is; null when no silo hosts grains.</summary>
    internal GrainAddress? Locate(GrainId grain) => _map.Value.Current.Locations[GrainPartition.Of(grain)];
}

/// <summary>The directory of every grain that is placed by its partition. Others, such as stateless workers, have Orleans' own.</summary>
/// <param name="services">As above.</param>
internal sealed class PartitionDirectoryResolver(IServiceProvider services) : IGrainDirectoryResolver
{
    /// <inheritdoc/>
    public bool TryResolveGrainDirectory(
        GrainType grainType,
        GrainProperties? properties,
        [NotNullWhen(true)] out IGrainDirectory? grainDirectory
    )
    {
        grainDirectory =
            services.GetRequiredService<PlacementStrategyResolver>().GetPlacementStrategy(grainType)
            is PartitionPlacement
                ? services.GetRequiredService<PartitionDirectory>()
                : null;
        return grainDirectory is not null;
    }
}

/// <summary>
/// Stands where Orleans looks first, in the place of a cache of a million entries: messages are addressed at once, without the
/// placement's queue, retries and timers (a sixth of the processor time of an activation).
/// </summary>
internal sealed class ComputedLocations(IServiceProvider services) : IGrainDirectoryCache
{
    // Orleans makes this before the directory can be made.
    private PartitionDirectory? _directory;

    /// <inheritdoc/>
    public IEnumerable<(GrainAddress ActivationAddress, int Version)> KeyValues => [];

    /// <inheritdoc/>
    public bool LookUp(GrainId key, [NotNullWhen(true)] out GrainAddress? result, out int version)
    {
        _directory ??= services.GetRequiredService<PartitionDirectory>();
        version = 0;
        result = _directory.Locate(key);
        return result is not null;
    }

    /// <inheritdoc/>
    public void AddOrUpdate(GrainAddress value, int version) { }

    /// <inheritdoc/>
    public bool Remove(GrainId key) => false;

    /// <inheritdoc/>
    public bool Remove(GrainAddress key) => false;

    /// <inheritdoc/>
    public void Clear() { }
}
