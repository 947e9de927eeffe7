using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>
/// <c>migrate</c>: brings every schema up to date, and ends. Run it once before the silos of a new version are started;
/// it may run while silos of the old one serve.
/// </summary>
public static class MigrateCommand
{
    /// <summary>Prepares the services of a host that is made to migrate and never started.</summary>
    public static IServiceCollection UseForMigration(this IServiceCollection services) =>
        services.PostConfigure<StoreOptions>(static store => store.Postgres.Presence = StorePresence.None);

    /// <summary>Migrates; 0, or 1 with a line of reason on standard error.</summary>
    public static async Task<int> RunAsync(IServiceProvider services)
    {
        try
        {
            // A store brings its own schema up to date when it is opened.
            _ = services.GetRequiredService<GridGrainStorage>();
            foreach (var schema in services.GetServices<ISchema>())
                await schema.MigrateAsync(CancellationToken.None);
            await Console.Out.WriteLineAsync("The schemas are up to date.");
            return 0;
        }
        catch (Exception fault) when (fault is StoreException or OptionsValidationException or IOException)
        {
            await Console.Error.WriteLineAsync(fault.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }
}
