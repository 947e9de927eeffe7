using Grid.Engine.Hosting;
using Grid.Residents;
using Grid.Silo.Cluster;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>A silo on the embedded engine. <c>OrleansSilo</c> stands in its place in an Orleans build.</summary>
public static class EmbeddedSilo
{
    /// <summary>
    /// Adds the engine, the stores, the keys and what grains take from the services; alone, or with
    /// <see cref="ClusterOptions.Role"/> as a member of a cluster.
    /// </summary>
    public static IHostApplicationBuilder AddGridSilo(this IHostApplicationBuilder builder)
    {
        builder.AddSiloParts();
        var services = builder.Services;
        services.AddGridEngine();
        services.AddOptions<EngineOptions>().Configure<IOptions<SiloOptions>>(static (engine, silo) =>
        {
            engine.ResponseTimeout = silo.Value.ResponseTimeout;
            engine.MemoryLimitBytes = silo.Value.MemoryLimitMiB * 1024L * 1024;
            engine.SetCollectionAge(ResidentGrain.TypeName, silo.Value.ResidentAge);
        });
        var cluster = ClusterOptions.Of(builder.Configuration);
        if (cluster.Role == ClusterRole.Silo)
        {
            services.AddSingleton<PendingWork>();
            return builder.AddClusterMember(cluster);
        }

        services.AddHostedService<Warmup>();
        services.AddHostedService<PendingWork>();
        return builder;
    }
}
