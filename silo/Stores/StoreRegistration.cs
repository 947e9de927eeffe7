using Grid.Scans;
using Grid.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores;

/// <summary>Registers the store in the data folder.</summary>
public static class StoreRegistration
{
    /// <summary>
    /// Adds the grain storage (keyed by <see cref="GridGrainStorage.Name"/>), the visits, the bulk loader, the scan for work left,
    /// and the retention of visits. The files are opened when the host starts, and closed when it is disposed of.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets at least the folder.</param>
    public static IServiceCollection AddSqliteStores(this IServiceCollection services, Action<StoreOptions> configure)
    {
        services.AddOptions<StoreOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsAnnotations>();
        services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsRules>();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StoreMetrics>();
        services.AddSingleton<ITierHealth, StoreHealth>();
        services.AddSingleton(static provider => new SqliteStore(
            provider.GetRequiredService<IOptions<StoreOptions>>(), provider.GetRequiredService<StoreMetrics>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SqliteStore>>()));
        services.AddSingleton(static provider => new GridGrainStorage(new SqliteStates(provider.GetRequiredService<SqliteStore>())));
        services.AddKeyedSingleton<IGrainStorage>(
            GridGrainStorage.Name, static (provider, _) => provider.GetRequiredService<GridGrainStorage>());
        services.AddSingleton<IPendingScan>(static provider => provider.GetRequiredService<GridGrainStorage>());
        services.AddSingleton<SqliteVisitLog>();
        services.AddSingleton<IVisitLog>(static provider => provider.GetRequiredService<SqliteVisitLog>());
        services.AddSingleton<IVisitSearch>(static provider => provider.GetRequiredService<SqliteVisitLog>());
        services.AddSingleton<PartitionLoader>();
        services.AddSingleton<IPartitionLoader>(static provider => provider.GetRequiredService<PartitionLoader>());
        services.AddSingleton<VisitRetention>();
        services.AddHostedService(static provider => provider.GetRequiredService<VisitRetention>());
        return services;
    }
}
