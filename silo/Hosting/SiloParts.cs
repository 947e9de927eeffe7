using Grid.Codes;
using Grid.Hosting.Settings;
using Grid.Hosting.Start;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Silo.Stores;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>
/// Registers what a silo needs besides Orleans: settings, keys, stores and the services that grains use.
/// </summary>
public static class SiloParts
{
    /// <summary>
    /// Storage name of rarely written grains (venues, clients): the grid's own storage in a data folder,
    /// Persistence.AdoNet on PostgreSQL.
    /// </summary>
    public const string RegistryStorage = "registry";

    private static readonly TimeSpan MaxCallAgainAfter = TimeSpan.FromMinutes(30);

    /// <summary>Adds everything except Orleans. Services that call grains are registered after Orleans.</summary>
    internal static IHostApplicationBuilder AddSiloParts(this IHostApplicationBuilder builder)
    {
        builder.AddCallerParts();
        var services = builder.Services;
        services
            .AddOptions<CodeOptions>()
            .BindConfiguration(CodeOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<SamplingOptions>()
            .BindConfiguration(SamplingOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(static provider => new ResidentViews(
            provider.GetRequiredService<TimeProvider>(),
            CallAgainAfter(provider.GetRequiredService<IOptions<SiloOptions>>().Value),
            provider.GetService<IGate>()
        ));
        services.AddSingleton<ResidentServices>();
        services.AddSingleton<TubeServices>();
        services.AddSingleton<ResultMetrics>();
        services.AddGridStores(builder.Configuration, GridOptions.DataFolderOf(builder.Configuration));
        services.AddKeyedSingleton<IGrainStorage>(RegistryStorage, static (provider, _) =>
            provider.GetRequiredService<GridGrainStorage>()
        );
        return builder;
    }

    // Often enough that an activation in use is never the longest idle, rarely enough to cost nothing.
    private static TimeSpan CallAgainAfter(SiloOptions options)
    {
        var share = options.ResidentAge / 8;
        return share < MaxCallAgainAfter ? share : MaxCallAgainAfter;
    }
}
