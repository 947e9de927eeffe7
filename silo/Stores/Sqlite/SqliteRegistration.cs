using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>Registers the store in the data folder.</summary>
public static class SqliteRegistration
{
    /// <summary>
    /// Adds the grain storage (keyed by <see cref="GridGrainStorage.Name"/>), the visits, the bulk loader, the scan for
    /// pending work, and the retention of visits. The files are open from the start of the host to its disposal.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options; the folder is required.</param>
    public static IServiceCollection AddSqliteStores(this IServiceCollection services, Action<StoreOptions> configure)
    {
        services.AddStore<SqliteStates, SqliteVisitLog, SqliteLoader, SqliteOptionsRules>(configure);
        services.AddSingleton(static provider => new SqliteStore(
            provider.GetRequiredService<IOptions<StoreOptions>>(),
            provider.GetRequiredService<StoreMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteStore>>()
        ));
        services.AddSingleton<SqliteStates>();
        services.AddSingleton<SqliteDays>();
        services.AddHostedService(static provider => provider.GetRequiredService<SqliteDays>());
        return services;
    }
}
