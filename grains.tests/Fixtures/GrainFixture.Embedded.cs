using System.Diagnostics.Metrics;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grid.Tests.Fixtures;

/// <summary>The fixture on the embedded engine: a silo on a clock that the test moves.</summary>
public sealed partial class GrainFixture
{
    private readonly ServiceProvider _services;

    private GrainFixture(ServiceProvider services, TestClock clock, MemoryStorage storage)
    {
        _services = services;
        Clock = clock;
        Storage = storage;
        Grains = InSilo = services.GetRequiredService<IGrainFactory>();
    }

    internal TestClock Clock { get; }

    internal GrainEngine Engine => _services.GetRequiredService<GrainEngine>();

    internal IMeterFactory MeterFactory => _services.GetRequiredService<IMeterFactory>();

    internal IGrainPreloader Preloader => _services.GetRequiredService<IGrainPreloader>();

    /// <summary>Starts it.</summary>
    public static async Task<GrainFixture> StartAsync(Action<Setup>? configure = null)
    {
        var setup = new Setup();
        configure?.Invoke(setup);
        var clock = new TestClock(GridFixture.Start);
        var storage = new MemoryStorage();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton<IGrainStorage>(storage);
        services.AddKeyedSingleton<IGrainStorage>("grid", storage);
        services.AddGridEngine(options =>
        {
            options.ResponseTimeout = setup.ResponseTimeout;
            options.CollectionAge = setup.CollectionAge;
            options.MaxWaitingCalls = setup.MaxWaitingCalls;
            options.MemoryLimitBytes = setup.MemoryLimitBytes;
            options.Assemblies.Add(typeof(GrainFixture).Assembly);
        });
        setup.Services(services);
        var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        return new GrainFixture(provider, clock, storage);
    }

    /// <summary>How much memory the engine believes to be in use.</summary>
    internal long MemoryInUse
    {
        set => Engine.Collector.MemoryInUse = () => value;
    }

    /// <summary>Lets time pass for the engine and its grains.</summary>
    public void Advance(TimeSpan by) => Clock.Advance(by);

    /// <summary>Shuts the silo down as its host would.</summary>
    public async Task StopAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whatever a test left hanging ends with it.
        var stopping = StopAsync();
        while (!stopping.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stopping;
        await _services.DisposeAsync();
    }
}
