using Grid.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Grid.Tests.Fixtures;

/// <summary>
/// Grains on a silo and a client in this process. Timers of grains go by the clock that the test moves. How
/// long a call takes and how long an activation is idle Orleans takes from the machine's clock, whatever clock it is given;
/// so the time that a test lets pass does pass when the test has set one of those limits, faster where the limit is long.
/// </summary>
public sealed class GrainFixture : IAsyncDisposable
{
    // Orleans' name of the clock of grains' timers.
    private const string TimersOfGrains = "Orleans.Grains";

    // An age of minutes or hours is this long here, and time passes that much faster. Half of it is what a busy machine may lose.
    private static readonly TimeSpan s_ageReal = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_quantumMax = TimeSpan.FromMilliseconds(250);

    private readonly InProcessTestCluster _cluster;
    private readonly TimeSpan _age;
    private readonly bool _isAgeing;
    private readonly double _pace;

    private GrainFixture(InProcessTestCluster cluster, TestClock clock, MemoryStorage storage, TimeSpan age, bool isAgeing, double pace)
    {
        _cluster = cluster;
        _age = age;
        _isAgeing = isAgeing;
        _pace = pace;
        Clock = clock;
        Storage = storage;
        Grains = cluster.Client;
        InSilo = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
    }

    internal TestClock Clock { get; }

    /// <summary>Starts it.</summary>
    public static async Task<GrainFixture> StartAsync(Action<Setup>? configure = null)
    {
        var setup = new Setup();
        configure?.Invoke(setup);
        // How long an activation is held is reckoned on this clock, and looked at on the machine's.
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        var storage = new MemoryStorage();
        var isAgeing = setup.CollectionAge != Setup.DefaultCollectionAge;
        var age = isAgeing && setup.CollectionAge > s_ageReal ? s_ageReal : setup.CollectionAge;
        // Nothing that the test has set goes by the machine's clock: time costs no time.
        var pace = isAgeing || setup.ResponseTimeout != Setup.DefaultResponseTimeout ? setup.CollectionAge / age : 0;
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddKeyedSingleton<IGrainStorage>("grid", storage);
            silo.Services.AddSingleton<IGrainStorage>(storage);
            setup.Services(silo.Services);
            UseParts(silo.Services, clock);
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = setup.ResponseTimeout);
            silo.Configure<GrainCollectionOptions>(collection =>
            {
                collection.CollectionAge = age;
                collection.CollectionQuantum = age / 4 < s_quantumMax ? age / 4 : s_quantumMax;
            });
        });
        builder.ConfigureClient(client =>
        {
            UseParts(client.Services, clock);
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = setup.ResponseTimeout);
        });
        var cluster = builder.Build();
        await Within(cluster.DeployAsync(), "start of the cluster");
        return new GrainFixture(cluster, clock, storage, age, isAgeing, pace);
    }

    /// <summary>Lets time pass for the grains; who is idle for too long is gone when this returns.</summary>
    public void Advance(TimeSpan by)
    {
        Clock.Advance(by);
        if (_pace == 0)
            return;
        Task.Delay(by / _pace, TimeProvider.System).Wait();
        if (_isAgeing)
            Within(Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(_age), "collection").GetAwaiter().GetResult();
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

    private static void UseParts(IServiceCollection services, TestClock clock)
    {
        services.AddStoreExceptions();
        services.AddSingleton<TimeProvider>(clock);
        services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
        services.AddKeyedSingleton<TimeProvider>(TimersOfGrains, clock);
    }

    /// <summary>How long a test waits for anything that should happen.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes references.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Makes references for callers in the grains' own process: nothing is put into bytes on the way.</summary>
    public IGrainFactory InSilo { get; }

    /// <summary>The store of the grains.</summary>
    public MemoryStorage Storage { get; }

    /// <summary>Waits, and says in what phase nothing came.</summary>
    public static async Task<T> Within<T>(Task<T> task, string phase)
    {
        await Within((Task)task, phase);
        return await task;
    }

    /// <inheritdoc cref="Within{T}(Task{T}, string)"/>
    public static async Task Within(Task task, string phase)
    {
        try
        {
            await task.WaitAsync(s_patience);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Nothing came in phase '{phase}'.");
        }
    }

    /// <summary>Waits until something that raises no event has come about.</summary>
    public static async Task Until(Func<bool> condition, string phase)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > s_patience)
            {
                throw new TimeoutException($"It did not come about in phase '{phase}'.");
            }

            await Task.Yield();
        }
    }

    /// <summary>A grain with a fresh key.</summary>
    public T Fresh<T>()
        where T : IGrainWithGuidKey => Grains.GetGrain<T>(Guid.NewGuid());

    /// <summary>What a test asks of the engine.</summary>
    public sealed class Setup
    {
        internal static readonly TimeSpan DefaultResponseTimeout = TimeSpan.FromSeconds(30);
        internal static readonly TimeSpan DefaultCollectionAge = TimeSpan.FromHours(2);

        /// <summary>Further services.</summary>
        public Action<IServiceCollection> Services { get; set; } = static _ => { };

        /// <summary>How long a caller waits.</summary>
        public TimeSpan ResponseTimeout { get; set; } = DefaultResponseTimeout;

        /// <summary>How long an activation stays without a call.</summary>
        public TimeSpan CollectionAge { get; set; } = DefaultCollectionAge;

        /// <summary>How many calls may wait at an activation.</summary>
        public int MaxWaitingCalls { get; set; } = 10_000;

        /// <summary>Managed bytes from which on idle activations are dropped; 0 = none.</summary>
        public long MemoryLimitBytes { get; set; }
    }
}
