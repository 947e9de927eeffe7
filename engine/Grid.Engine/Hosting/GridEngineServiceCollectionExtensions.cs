using Grid.Engine.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the embedded engine.</summary>
public static class GridEngineServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine: <see cref="Grid.Engine.IGrainFactory"/>, <see cref="IGrainPreloader"/>, and a hosted service that
    /// starts it and drains it at shutdown. Takes <see cref="TimeProvider"/>, stores and call filters from the services.
    /// </summary>
    public static IServiceCollection AddGridEngine(this IServiceCollection services, Action<EngineOptions>? configure = null)
    {
        services.AddOptions<EngineOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }
}
