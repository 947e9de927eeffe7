using System.Diagnostics.Metrics;
using Grid.Codes;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Keys;
using Grid.Residents;
using Grid.Results;
using Grid.Scans;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Simulation;

/// <summary>
/// What a silo's engine and grains take from the services, made by hand: a container for each life of each silo of each seed
/// would cost more than all that happens in it.
/// </summary>
internal sealed class SimServices : IKeyedServiceProvider
{
    private static readonly Lazy<ProfileVault> s_vault = new(OpenVault);

    private static readonly ResultMetrics s_results = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    private readonly Dictionary<Type, object> _services = [];

    internal SimServices(SimProcess process, SimStore? store)
    {
        Add<TimeProvider>(process.Clock);
        Add<IGrainScheduler>(process);
        Add<IEnumerable<IIncomingGrainCallFilter>>(Array.Empty<IIncomingGrainCallFilter>());
        Add(new ResidentServices(process.Clock, Options.Create(new CodeOptions()), s_vault.Value));
        Add(s_results);
        if (store is null)
            return;
        Add<IGrainStorage>(store);
        Add<IVisitLog>(store);
    }

    internal void Add<T>(T service)
        where T : notnull => _services[typeof(T)] = service;

    /// <inheritdoc/>
    public object? GetService(Type serviceType) => _services.GetValueOrDefault(serviceType);

    /// <summary>The grid's storage and that of the registry are one, as in an embedded silo.</summary>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => GetService(serviceType);

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => GetService(serviceType)
        ?? throw new InvalidOperationException($"The simulator has no {serviceType}.");

    /// <summary>The settings of the engine of a seed.</summary>
    internal static IOptions<EngineOptions> EngineOptions(SimRandom random, TimeSpan responseTimeout)
    {
        // In some seeds grains come and go within its few seconds.
        var comeAndGo = random.Chance(0.4);
        var options = new EngineOptions
        {
            ResponseTimeout = responseTimeout,
            CollectionAge = comeAndGo ? TimeSpan.FromMilliseconds(random.Between(100, 1_000)) : TimeSpan.FromHours(2),
            CollectionPeriod = comeAndGo ? TimeSpan.FromMilliseconds(random.Between(200, 1_000)) : TimeSpan.FromMinutes(1),
            MaxWaitingCalls = random.Chance(0.2) ? random.Between(1, 4) : 10_000,
            DrainTimeout = TimeSpan.FromSeconds(random.Between(1, 5)),
        };
        options.Assemblies.Add(typeof(ResidentGrain).Assembly);
        return Options.Create(options);
    }

    private static ProfileVault OpenVault()
    {
        // The keys are random; nothing that a run decides depends on them.
        using var folder = new TemporaryFolder();
        return new ProfileVault(KeyRing.Open(folder.Path, TimeProvider.System));
    }
}
