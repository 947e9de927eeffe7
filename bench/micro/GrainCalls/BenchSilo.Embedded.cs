using Grid.Engine.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grid.Bench.Micro.GrainCalls;

internal sealed partial class BenchSilo
{
    private readonly ServiceProvider _services;

    internal BenchSilo(int grains, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        configure?.Invoke(services);
        services.AddSingleton<IGrainStorage, NoStorage>();
        services.AddGridEngine(static options => options.Assemblies.Add(typeof(BenchGrain).Assembly));
        _services = services.BuildServiceProvider();
        foreach (var service in _services.GetServices<IHostedService>())
        {
            service.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        Grains = _services.GetRequiredService<IGrainFactory>();
        Keys = DrawKeys(grains);
    }

    internal IServiceProvider Services => _services;

    public void Dispose() => _services.Dispose();

    /// <summary>Activates all of them from a bulk load.</summary>
    internal void Preload()
    {
        var preloader = _services.GetRequiredService<IGrainPreloader>();
        var sample = Grains.GetGrain<IBenchGrain>(Keys[0]).GetGrainId();
        foreach (var key in Keys)
        {
            preloader.Preload(GrainId.Create(sample.Type, GrainIdKeyExtensions.CreateGuidKey(key)), "bench", new BenchState(), 1, preloader.Mark());
        }
    }
}
