using Grid.Codes;
using Grid.Keys;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Scans;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Timers;

namespace Grid.Tests.Simulation;

/// <summary>
/// The services of a silo's grains, created by hand: building a container for each life of each silo would take longer
/// than the run.
/// </summary>
internal sealed class SimServices : IKeyedServiceProvider
{
    private static readonly Lazy<ProfileVault> Vault = new(OpenVault);

    private static readonly ResultMetrics SharedResults = new(new SimMeters());

    private readonly Dictionary<Type, object> _services = [];

    internal SimServices(SimMember member)
    {
        var (clock, runtime) = (member.Process.Clock, new SimRuntime(member));
        Add<TimeProvider>(clock);
        Add<IGrainRuntime>(runtime);
        Add<ITimerRegistry>(runtime);
        Add<IGrainFactory>(member.Calls.Grains);
        Add<IPersistentStateFactory>(new PersistentStateFactory());
        Add<Microsoft.Extensions.Logging.ILoggerFactory>(NullLoggerFactory.Instance);
        if (member.Store is not { } store)
            return;
        // Displays call a grain again sooner than the shortest idle time that a host may be configured with.
        var views = new ResidentViews(clock, TimeSpan.FromSeconds(2), member.Gate);
        Add(views);
        Add<IGrainStorage>(store);
        Add<IVisitLog>(store);
        Add(new ResidentServices(clock, Options.Create(new CodeOptions()), Vault.Value, store, store, views));
        Add(new TubeServices(clock, Options.Create(new SamplingOptions()), SharedResults, Vault.Value));
    }

    internal void Add<T>(T service)
        where T : notnull => _services[typeof(T)] = service;

    /// <inheritdoc/>
    public object? GetService(Type serviceType)
    {
        if (_services.TryGetValue(serviceType, out var service))
            return service;
        // The shared container does not know which services this one has.
        if (serviceType == typeof(IServiceProviderIsService) || serviceType == typeof(IServiceProviderIsKeyedService))
            return null;
        if (SimTypes.Services.GetService(serviceType) is { } shared)
            return shared;
        // Parts of Orleans' storage facet, which has no public constructor.
        return
            serviceType is { IsClass: true, IsAbstract: false }
            && serviceType.Assembly.GetName().Name!.StartsWith(nameof(Orleans), StringComparison.Ordinal)
            ? _services[serviceType] = ActivatorUtilities.CreateInstance(this, serviceType)
            : null;
    }

    /// <summary>Grid and registry share one storage, as in a single process.</summary>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => GetService(serviceType);

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
        GetService(serviceType) ?? throw new InvalidOperationException($"The simulator has no {serviceType}.");

    private static ProfileVault OpenVault()
    {
        // The keys are random; no decision of a run depends on them.
        using var folder = new TemporaryFolder();
        return new ProfileVault(KeyRing.Open(folder.Path, TimeProvider.System));
    }
}
