using Grid.Engine.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grid.Bench.Micro.GrainCalls;

/// <summary>An engine with so many grains in memory.</summary>
internal sealed class BenchSilo : IDisposable
{
    private readonly ServiceProvider _services;

    internal BenchSilo(int grains)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IGrainStorage, NoStorage>();
        services.AddGridEngine(static options => options.Assemblies.Add(typeof(BenchGrain).Assembly));
        _services = services.BuildServiceProvider();
        foreach (var service in _services.GetServices<IHostedService>())
        {
            service.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        Grains = _services.GetRequiredService<IGrainFactory>();
        Keys = new Guid[grains];
        var random = new Random(1);
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < grains; i++)
        {
            random.NextBytes(bytes);
            Keys[i] = new Guid(bytes);
        }
    }

    internal IGrainFactory Grains { get; }

    internal Guid[] Keys { get; }

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
