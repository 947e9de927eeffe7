using Grid.Hosting.Keys;
using Grid.Hosting.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Stores;

/// <summary>Chooses the store: PostgreSQL if the settings name databases, else the data folder.</summary>
public static class GridStores
{
    /// <summary>Adds the chosen store.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration"><see cref="Databases.Section"/>: one connection string or a list.</param>
    /// <param name="dataFolder">The data folder.</param>
    public static IServiceCollection AddGridStores(
        this IServiceCollection services,
        IConfiguration configuration,
        string dataFolder
    )
    {
        services.AddOptions<StoreOptions>().BindConfiguration(StoreOptions.Section);
        var strings = Databases.Of(configuration);
        if (strings.Length == 0)
        {
            services.AddSingleton(MarksOf(configuration, dataFolder));
            return services.AddSqliteStores(store => store.Sqlite.Folder = Path.Combine(dataFolder, "store"));
        }

        services.AddSingleton(MarksOf(configuration, dataFolder));
        return services.AddPostgresStores(store => store.Postgres.Databases = strings);
    }

    /// <summary>The marks of the key ring that wrote the chosen store.</summary>
    public static IRingMarks MarksOf(IConfiguration configuration, string dataFolder) =>
        Databases.Of(configuration) is { Length: > 0 } strings
            ? new PostgresRingMarks(strings)
            : new FolderRingMarks(Path.Combine(dataFolder, "store"));
}
