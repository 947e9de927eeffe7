using Grid.Hosting.Health;
using Grid.Hosting.Keys;
using Grid.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Start;

/// <summary>The services of every process that calls grains.</summary>
public static class CallerParts
{
    /// <summary>
    /// Adds the settings and the keys that a process needs to call grains, whether or not it hosts them.
    /// </summary>
    public static IHostApplicationBuilder AddCallerParts(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<GridOptions>().BindConfiguration(GridOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GridOptions>, GridOptionsValidator>();
        services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<Readiness>();
        services.AddGridKeys(GridOptions.DataFolderOf(builder.Configuration));
        return builder;
    }
}
