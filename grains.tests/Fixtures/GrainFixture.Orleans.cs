using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Grid.Tests.Fixtures;

/// <summary>
/// The fixture on Orleans: a silo and a client in this process. Grains, time-outs and collection go by the clock that the
/// test moves; what Orleans does for itself goes by real time.
/// </summary>
public sealed partial class GrainFixture
{
    // Orleans' names of the areas whose clock a test may take over.
    private static readonly string[] s_areas = ["Orleans.Grains", "Orleans.Messaging", "Orleans.ActivationManagement"];
    private static readonly TimeSpan s_quantumMax = TimeSpan.FromMinutes(1);

    private readonly InProcessTestCluster _cluster;
    private readonly TimeSpan _collectionAge;

    private GrainFixture(InProcessTestCluster cluster, TestClock clock, MemoryStorage storage, TimeSpan collectionAge)
    {
        _cluster = cluster;
        _collectionAge = collectionAge;
        Clock = clock;
        Storage = storage;
        Grains = cluster.Client;
    }

    internal TestClock Clock { get; }

    /// <summary>Starts it.</summary>
    public static async Task<GrainFixture> StartAsync(Action<Setup>? configure = null)
    {
        var setup = new Setup();
        configure?.Invoke(setup);
        var clock = new TestClock();
        var storage = new MemoryStorage();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddKeyedSingleton<IGrainStorage>("grid", storage);
            silo.Services.AddSingleton<IGrainStorage>(storage);
            setup.Services(silo.Services);
            UseClock(silo.Services, clock);
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = setup.ResponseTimeout);
            silo.Configure<GrainCollectionOptions>(collection =>
            {
                collection.CollectionAge = setup.CollectionAge;
                collection.CollectionQuantum = setup.CollectionAge / 2 < s_quantumMax ? setup.CollectionAge / 2 : s_quantumMax;
            });
        });
        builder.ConfigureClient(client =>
        {
            UseClock(client.Services, clock);
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = setup.ResponseTimeout);
        });
        var cluster = builder.Build();
        await Within(cluster.DeployAsync(), "start of the cluster");
        return new GrainFixture(cluster, clock, storage, setup.CollectionAge);
    }

    /// <summary>Lets time pass for the grains; who is idle for too long is gone when this returns.</summary>
    public void Advance(TimeSpan by)
    {
        Clock.Advance(by);
        if (by >= _collectionAge / 2)
            Within(Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(_collectionAge), "collection").GetAwaiter().GetResult();
    }

    /// <summary>Shuts the silo down as its host would.</summary>
    public Task StopAsync() => _cluster.StopAllSilosAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whatever a test left hanging ends with it.
        var stopping = StopAsync();
        while (!stopping.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(stopping, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }

        await stopping;
        await _cluster.DisposeAsync();
    }

    private static void UseClock(IServiceCollection services, TestClock clock)
    {
        services.AddSingleton<TimeProvider>(clock);
        services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
        foreach (var area in s_areas)
            services.AddKeyedSingleton<TimeProvider>(area, clock);
    }
}
