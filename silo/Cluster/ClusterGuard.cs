using Grid.Hosting.Settings;

namespace Grid.Silo.Cluster;

/// <summary>
/// Registers failure detection, and the gate that keeps a silo from answering after it was declared dead.
/// </summary>
internal static class ClusterGuard
{
    /// <summary>
    /// Adds the guard to a member that uses Redis clustering. Call it after <c>UseRedisClustering</c>.
    /// </summary>
    internal static ISiloBuilder UseClusterGuard(this ISiloBuilder silo, GridClusterOptions options)
    {
        var services = silo.Services;
        services.AddSingleton(ClusterTimes.Of(options));
        services.AddSingleton<Gate>();
        services.AddSingleton<IGate>(static provider => provider.GetRequiredService<Gate>());
        services.AddLeasedTable();
        services.AddSingleton<Attestor>();
        services.AddSingleton(new PeerWatch.Settings(options.PeerWatch, options.WatchPort));
        services.AddSingleton(static provider => new WatchPort(
            provider.GetRequiredService<ILocalSiloDetails>().SiloAddress
        ));
        services.AddSingleton<PeerWatch>();
        services.AddSingleton<Peers>();
        services.AddSingleton<IPeers>(static provider => provider.GetRequiredService<Peers>());
        services.AddSingleton<GateKeeper>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<GateKeeper>()
        );
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<PeerWatch>()
        );
        services.AddGrainService<AttestationService>();
        return silo;
    }

    /// <summary>Adds the gate filter to a member that hosts grains.</summary>
    internal static ISiloBuilder UseGateFilter(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<IIncomingGrainCallFilter, GateFilter>();
        return silo;
    }

    // Orleans' table class is internal, so its registration is wrapped.
    private static void AddLeasedTable(this IServiceCollection services)
    {
        var table = services.Last(static service => service.ServiceType == typeof(IMembershipTable));
        var make = table.ImplementationFactory
            ?? throw new InvalidOperationException("Orleans registers its membership table otherwise than in 10.4.");
        services.Remove(table);
        services.AddSingleton(provider => new LeasedTable(
            (IMembershipTable)make(provider),
            provider.GetRequiredService<ILocalSiloDetails>().SiloAddress,
            provider.GetRequiredService<Gate>(),
            provider.GetRequiredService<ClusterTimes>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IMembershipTable>(static provider => provider.GetRequiredService<LeasedTable>());
    }
}
