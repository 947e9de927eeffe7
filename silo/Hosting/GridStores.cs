using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Hosting;

/// <summary>Chooses the store: PostgreSQL where the settings name databases, else the data folder.</summary>
public static class GridStores
{
    /// <summary>Adds the chosen store.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">
    /// <see cref="StoreOptions.DatabasesSection"/>: a list of connection strings, or just one.
    /// </param>
    /// <param name="dataFolder">The data folder.</param>
    public static IServiceCollection AddGridStores(
        this IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        services.AddOptions<StoreOptions>().BindConfiguration(StoreOptions.Section);
        var strings = DatabasesOf(configuration);
        if (strings.Length == 0)
        {
            services.AddSingleton(MarksOf(configuration, dataFolder));
            return services.AddSqliteStores(store => store.Sqlite.Folder = Path.Combine(dataFolder, "store"));
        }

        services.AddSingleton(MarksOf(configuration, dataFolder));
        return services.AddPostgresStores(store => store.Postgres.Databases = strings);
    }

    /// <summary>The marks of the key ring that the chosen store was written with.</summary>
    public static IRingMarks MarksOf(IConfiguration configuration, string dataFolder) => DatabasesOf(configuration) is { Length: > 0 } strings
        ? new PostgresRingMarks(strings)
        : new FolderRingMarks(Path.Combine(dataFolder, "store"));

    /// <summary>The connection strings of a configuration; none when the store is the data folder.</summary>
    internal static string[] DatabasesOf(IConfiguration configuration)
    {
        var databases = configuration.GetSection(StoreOptions.DatabasesSection);
        return databases.Value is { Length: > 0 } single
            ? [single]
            : [.. databases.GetChildren().Select(static child => child.Value ?? "")];
    }
}
