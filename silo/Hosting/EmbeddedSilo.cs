using Grid.Codes;
using Grid.Engine.Hosting;
using Grid.Residents;
using Grid.Silo.Stores;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>A silo on the embedded engine: the one place that knows which engine hosts the grains.</summary>
public static class EmbeddedSilo
{
    /// <summary>Adds the engine, the stores of the data folder, the keys and what grains take from the services.</summary>
    public static IHostApplicationBuilder AddGridSilo(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        var dataFolder = GridOptions.DataFolderOf(builder.Configuration);
        services.AddOptions<GridOptions>().BindConfiguration(GridOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GridOptions>, GridOptionsValidator>();
        services.AddOptions<CodeOptions>().BindConfiguration(CodeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddGridKeys(dataFolder);
        services.AddSingleton<ResidentServices>();
        services.AddOptions<StoreOptions>().BindConfiguration(StoreOptions.Section);
        services.AddSqliteStores(store => store.Folder = Path.Combine(dataFolder, "store"));
        services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        services.AddGridEngine();
        services.AddOptions<EngineOptions>().Configure<IOptions<SiloOptions>>(static (engine, silo) =>
        {
            engine.ResponseTimeout = silo.Value.ResponseTimeout;
            engine.MemoryLimitBytes = silo.Value.MemoryLimitMiB * 1024L * 1024;
            engine.SetCollectionAge(ResidentGrain.TypeName, silo.Value.ResidentAge);
        });
        services.AddHostedService<Warmup>();
        services.AddHostedService<PendingWork>();
        return builder;
    }
}
