using Grid.Engine.Cluster;
using Grid.Silo.Stores.Postgres;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Cluster;

/// <summary>Registers what a cluster across machines shares: membership and units in PostgreSQL.</summary>
internal static class PostgresClusterRegistration
{
    /// <summary>
    /// Adds the membership and the units of a silo, beside the stores of <see cref="PostgresRegistration.AddPostgresStores"/>,
    /// which then read and write only what the silo owns.
    /// </summary>
    internal static IServiceCollection AddPostgresUnits(this IServiceCollection services)
    {
        services.PostConfigure<PostgresOptions>(static store => store.Presence = StorePresence.Shared);
        services.AddSingleton(static _ => new PartitionEpochs());
        services.AddSingleton<IUnitStore>(static provider => new PostgresUnits(
            provider.GetRequiredService<PostgresStore>(), provider.GetRequiredService<PartitionEpochs>()));
        services.AddSingleton<IMembershipStore>(static provider =>
        {
            // The store makes the tables.
            var options = provider.GetRequiredService<PostgresStore>().Options;
            return new PostgresMembership(options.Databases[0], options.ConnectTimeout);
        });
        return services;
    }

    /// <summary>Adds the membership for a process that owns nothing: a gateway.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="databases">As <see cref="PostgresOptions.DatabasesSection"/> lists them.</param>
    internal static IServiceCollection AddPostgresMembership(this IServiceCollection services, IReadOnlyList<string> databases) =>
        services.AddSingleton<IMembershipStore>(provider => new PostgresMembership(
            databases[0], (provider.GetService<IOptions<PostgresOptions>>()?.Value ?? new PostgresOptions()).ConnectTimeout));
}
