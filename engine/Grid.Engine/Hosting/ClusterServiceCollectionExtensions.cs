using Grid.Engine.Cluster;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes an engine a part of a cluster.</summary>
public static class ClusterServiceCollectionExtensions
{
    /// <summary>
    /// Adds what a process of a cluster has beside <c>AddGridEngine</c>, which comes before: a silo where it is told to listen,
    /// else a client. Takes <see cref="IMembershipStore"/> from the services, and for a silo <see cref="IUnitStore"/> and every
    /// <see cref="IUnitTenant"/>.
    /// </summary>
    public static IServiceCollection AddGridCluster(this IServiceCollection services, ClusterProcessOptions options)
    {
        services.AddSingleton(options);
        if (options.Listen is not null)
        {
            services.AddSingleton(static provider => new LeaseGate(provider.GetRequiredService<TimeProvider>()));
        }

        services.AddSingleton(static provider => new ClusterRouter(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ClusterProcessOptions>().Router, provider.GetService<LeaseGate>()));
        services.TryAddSingleton<IGrainRouter>(static provider => provider.GetRequiredService<ClusterRouter>());
        services.AddSingleton<ClusterService>();
        services.AddSingleton<IClusterStatus>(static provider => provider.GetRequiredService<ClusterService>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<ClusterService>());
        return services;
    }
}
