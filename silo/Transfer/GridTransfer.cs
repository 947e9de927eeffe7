using Grid.Keys;
using Grid.Silo.Schemas;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Transfer;

/// <summary>
/// Runs <c>export</c> and <c>import</c> of a whole grid: between a data folder and PostgreSQL, between stores of one
/// kind, or to a file. No other process may use the store meanwhile. The file does not contain the keys.
/// </summary>
public static class GridTransfer
{
    // No user waits, so a slow disk is acceptable.
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Whether a file is an export rather than a registry file.</summary>
    public static bool IsExport(string path) => TransferReader.IsExport(path);

    /// <summary>Prepares the services of a host that only transfers and is never started.</summary>
    public static IServiceCollection UseForTransfer(this IServiceCollection services)
    {
        services.PostConfigure<StoreOptions>(static store =>
        {
            store.WriteTimeout = WriteTimeout;
            store.Postgres.Presence = StorePresence.Alone;
        });
        return services;
    }

    /// <summary>Writes everything to a new file.</summary>
    /// <exception cref="StoreException">The store is in use, can't be read, or the file exists.</exception>
    public static TransferReport Export(IServiceProvider services, string path) =>
        StoreTransfer.Export(
            StoreOf(services),
            path,
            KeyMarks.Of(services.GetRequiredService<KeyRing>()),
            services.GetRequiredService<TimeProvider>().GetUtcNow()
        );

    /// <summary>Fills an empty store from a file.</summary>
    /// <exception cref="StoreException">
    /// The store is in use or not empty, the file is damaged or incomplete, or the data folder lacks its keys.
    /// </exception>
    public static async Task<TransferReport> ImportAsync(IServiceProvider services, string path, string dataFolder)
    {
        // Do not create a missing key ring: it would block the right one.
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
                "This process has no store of its own: run the command with the silos' settings."
            );
    }
}
