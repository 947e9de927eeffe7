using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;

namespace Grid.Silo.Hosting;

/// <summary>Chooses the store: PostgreSQL where the settings name databases, else the data folder.</summary>
public static class GridStores
{
    /// <summary>Adds the chosen store.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">
    /// <see cref="PostgresOptions.DatabasesSection"/>: a list of connection strings, or just one.
    /// </param>
    /// <param name="dataFolder">The data folder.</param>
    public static IServiceCollection AddGridStores(
        this IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        var strings = DatabasesOf(configuration);
        if (strings.Length == 0)
        {
            services.AddOptions<StoreOptions>().BindConfiguration(StoreOptions.Section);
            return services.AddSqliteStores(store => store.Folder = Path.Combine(dataFolder, "store"));
        }

        services.AddOptions<PostgresOptions>().BindConfiguration(PostgresOptions.Section);
        return services.AddPostgresStores(store => store.Databases = strings);
    }

    /// <summary>The connection strings of a configuration; none when the store is the data folder.</summary>
    internal static string[] DatabasesOf(IConfiguration configuration)
    {
        var databases = configuration.GetSection(PostgresOptions.DatabasesSection);
        return databases.Value is { Length: > 0 } single
            ? [single]
            : [.. databases.GetChildren().Select(static child => child.Value ?? "")];
    }
}
