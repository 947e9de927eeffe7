using System.Diagnostics.CodeAnalysis;
using Orleans.GrainDirectory;
using Orleans.Metadata;
using Orleans.Runtime.GrainDirectory;
using Orleans.Runtime.Placement;

namespace Grid.Silo.Cluster;

/// <summary>
/// A computed grain directory: a grain is on the silo that owns its partition. It stores nothing per grain and asks no
/// other silo. <see cref="PartitionOwnership"/> ensures that no second activation exists.
/// </summary>
/// <param name="services">
/// Resolves dependencies on first use: Orleans creates the directory before the services that call grains.
/// </param>
internal sealed class PartitionDirectory(IServiceProvider services) : IGrainDirectory
{
    private readonly Lazy<PartitionMap> _map = new(services.GetRequiredService<PartitionMap>);

    // Null in a member that hosts no grains.
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

    /// <summary>The address of a grain; null if no silo hosts grains.</summary>
    internal GrainAddress? Locate(GrainId grain) => _map.Value.Current.Locations[GrainPartition.Of(grain)];
}

/// <summary>
/// Selects this directory for grains placed by partition. Others, such as stateless workers, use Orleans' own.
/// </summary>
/// <param name="services">The host's services.</param>
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
/// Replaces Orleans' directory cache of a million entries. Messages are addressed at once, without the placement queue,
/// retries and timers (a sixth of the CPU time of an activation).
/// </summary>
internal sealed class ComputedLocations(IServiceProvider services) : IGrainDirectoryCache
{
    // Resolved on first use: Orleans creates this class before the directory.
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
