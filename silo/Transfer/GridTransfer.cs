using Grid.Keys;
using Grid.Silo.Schemas;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Transfer;

/// <summary>
/// The commands <c>export</c> and <c>import</c> of a whole grid: from a data folder to PostgreSQL, from one engine to the
/// other, or just to a file. Nobody else may use the store meanwhile. The keys do not travel in the file.
/// </summary>
public static class GridTransfer
{
    // Nobody waits at a door: a disk may take its time.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Whether a file is an export, and not a registry.</summary>
    public static bool IsExport(string path) => TransferReader.IsExport(path);

    /// <summary>Prepares the services of a host that is made for a transfer and never started.</summary>
    public static IServiceCollection UseForTransfer(this IServiceCollection services)
    {
        services.PostConfigure<StoreOptions>(static store =>
        {
            store.WriteTimeout = Patience;
            store.Postgres.Presence = StorePresence.Alone;
        });
        return services;
    }

    /// <summary>Writes everything to a new file.</summary>
    /// <exception cref="StoreException">The store is in use, can't be read, or the file is there.</exception>
    public static TransferReport Export(IServiceProvider services, string path) =>
        StoreTransfer.Export(
            StoreOf(services),
            path,
            KeyMarks.Of(services.GetRequiredService<KeyRing>()),
            services.GetRequiredService<TimeProvider>().GetUtcNow()
        );

    /// <summary>Fills an empty store from a file.</summary>
    /// <exception cref="StoreException">
    /// The store is in use or not empty, the file is damaged or not whole, or its keys are not those of the data folder.
    /// </exception>
    public static async Task<TransferReport> ImportAsync(IServiceProvider services, string path, string dataFolder)
    {
        // A ring that does not exist is not made: it would only stand in the way of the right one.
        var keys = KeyRing.Exists(dataFolder) ? KeyMarks.Of(services.GetRequiredService<KeyRing>()) : [];
        var store = StoreOf(services);
        foreach (var schema in services.GetServices<ISchema>())
            await schema.MigrateAsync(CancellationToken.None);
        return StoreTransfer.Import(store, path, keys);
    }

    private static ITransferStore StoreOf(IServiceProvider services)
    {
        if (services.GetService<PostgresStore>() is { } postgres)
            return new PostgresTransfer(postgres, services.GetService<RegistryPlace>());
        return services.GetService<SqliteStore>() is { } sqlite
            ? new SqliteTransfer(sqlite)
            : throw new StoreException(
                StoreErrorCodes.Invalid,
                "This process has no store of its own: run the command where the silos' settings are."
            );
    }
}
