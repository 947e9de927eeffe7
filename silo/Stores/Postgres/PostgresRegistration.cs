using Grid.Scans;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores.Postgres;

/// <summary>Registers the store in PostgreSQL.</summary>
public static partial class PostgresRegistration
{
    /// <summary>
    /// Adds the grain storage (keyed by <see cref="GridGrainStorage.Name"/>), the visits, the bulk loader, the scan for work
    /// left, and what keeps the days of visits. The databases are connected to, and their schemas brought up to date, when
    /// the host starts.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets at least the databases.</param>
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
            catch (StoreException fault)
                when (fault.Code == StoreErrorCodes.Unavailable
                    && !PostgresFaults.IsRefusal(fault.InnerException)
                    && parts.Time.GetElapsedTime(since) < options.Postgres.StartTimeout
                )
            {
                LogNotThere(parts.Log, fault.Message);
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
