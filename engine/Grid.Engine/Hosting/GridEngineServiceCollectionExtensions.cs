using Grid.Engine;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the embedded engine.</summary>
public static class GridEngineServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine: <see cref="Grid.Engine.IGrainFactory"/>, <see cref="CallLimits"/>, <see cref="IGrainPreloader"/>, <see cref="ICallReceiver"/>, and a hosted service that
    /// starts it and drains it at shutdown. Takes <see cref="TimeProvider"/>, stores and call filters from the services.
    /// </summary>
    public static IServiceCollection AddGridEngine(this IServiceCollection services, Action<EngineOptions>? configure = null)
    {
        services.AddOptions<EngineOptions>()
            .ValidateDataAnnotations()
            .Validate(static options => options.ResponseTimeout > TimeSpan.Zero, "EngineOptions.ResponseTimeout must be longer than zero.")
            .Validate(static options => options.CollectionAge > TimeSpan.Zero, "EngineOptions.CollectionAge must be longer than zero.")
            .Validate(static options => options.CollectionPeriod > TimeSpan.Zero, "EngineOptions.CollectionPeriod must be longer than zero.")
            .Validate(static options => options.DrainTimeout > TimeSpan.Zero, "EngineOptions.DrainTimeout must be longer than zero.")
            .Validate(static options => options.ClockStep >= EngineOptions.ClockStepMin, "EngineOptions.ClockStep must be a millisecond or more.")
            .ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GrainEngine>();
        services.TryAddSingleton<IGrainFactory>(static provider => provider.GetRequiredService<GrainEngine>());
        services.TryAddSingleton(static provider => provider.GetRequiredService<GrainEngine>().Limits);
        services.TryAddSingleton<IGrainPreloader>(static provider => provider.GetRequiredService<GrainEngine>());
        services.TryAddSingleton<ICallReceiver>(static provider => provider.GetRequiredService<GrainEngine>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EngineService>());
        return services;
    }
}
