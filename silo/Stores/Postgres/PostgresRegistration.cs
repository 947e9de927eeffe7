using Grid.Scans;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores.Postgres;

/// <summary>Registers the store in PostgreSQL.</summary>
public static partial class PostgresRegistration
{
    /// <summary>
    /// Adds the grain storage (keyed by <see cref="GridGrainStorage.Name"/>), the visits, the bulk loader, the scan for
    /// pending work, and the upkeep of the days of visits. The start of the host connects to the databases and upgrades
    /// their schemas.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options; the databases are required.</param>
    public static IServiceCollection AddPostgresStores(this IServiceCollection services, Action<StoreOptions> configure)
    {
        services.AddStore<PostgresStore, PostgresVisitLog, PostgresLoader, PostgresOptionsRules>(configure);
        services.AddSingleton(Open);
        services.AddHostedService<PostgresDays>();
        return services;
    }

    private static PostgresStore Open(IServiceProvider provider)
    {
        var parts = new StoreServices(
            provider.GetRequiredService<StoreMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PostgresStore>>()
        );
        var options = provider.GetRequiredService<IOptions<StoreOptions>>().Value;
        var since = parts.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return Open(provider, options, parts);
            }
            catch (StoreException exception)
                when (exception.Code == StoreErrorCodes.Unavailable
                    && !PostgresFaults.IsRefusal(exception.InnerException)
                    && parts.Time.GetElapsedTime(since) < options.Postgres.StartTimeout
                )
            {
                LogNotThere(parts.Log, exception.Message);
                Task.Delay(options.Postgres.ReopenDelay, parts.Time).GetAwaiter().GetResult();
            }
        }
    }

    private static PostgresStore Open(IServiceProvider provider, StoreOptions options, StoreServices parts)
    {
        var presence = PostgresPresence.Take(
            options,
            PostgresDatabase.PlaceOf(options, 0),
            () => provider.GetService<IHostApplicationLifetime>()?.StopApplication(),
            parts
        );
        try
        {
            return new PostgresStore(options, parts, PostgresSchema.Current) { Presence = presence };
        }
        catch
        {
            presence?.Dispose();
            throw;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The start waits for a database: {Reason}")]
    private static partial void LogNotThere(ILogger log, string reason);
}
