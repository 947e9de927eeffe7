using Grid.Hosting.Health;
using Grid.Scans;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores;

/// <summary>Registers what both kinds of store share.</summary>
internal static class StoreRegistration
{
    /// <summary>
    /// Adds the settings, the metrics, the grain storage (keyed by <see cref="GridGrainStorage.Name"/>) over the kind's
    /// <see cref="IStateStore"/>, the scan for pending work, and the kind's visits and bulk loader.
    /// </summary>
    internal static IServiceCollection AddStore<TStates, TVisits, TLoader, TRules>(
        this IServiceCollection services,
        Action<StoreOptions> configure
    )
        where TStates : class, IStateStore
        where TVisits : GroupedVisitLog
        where TLoader : class, IPartitionLoader
        where TRules : class, IValidateOptions<StoreOptions>
    {
        services.AddOptions<StoreOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsAnnotations>();
        services.AddSingleton<IValidateOptions<StoreOptions>, TRules>();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StoreMetrics>();
        services.AddSingleton<ITierHealth, StoreHealth>();
        services.AddSingleton(static provider => new GridGrainStorage(provider.GetRequiredService<TStates>()));
        services.AddKeyedSingleton<IGrainStorage>(GridGrainStorage.Name, static (provider, _) =>
            provider.GetRequiredService<GridGrainStorage>()
        );
        services.AddSingleton<IPendingScan>(static provider => provider.GetRequiredService<GridGrainStorage>());
        services.AddSingleton<TVisits>();
        services.AddSingleton<IVisitLog>(static provider => provider.GetRequiredService<TVisits>());
        services.AddSingleton<IVisitSearch>(static provider => provider.GetRequiredService<TVisits>());
        services.AddSingleton<IPartitionLoader, TLoader>();
        return services;
    }
}
