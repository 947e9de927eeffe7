using System.Net;
using System.Net.Sockets;
using Grid.Hosting.Client;
using Grid.Hosting.Health;
using Grid.Hosting.Keys;
using Grid.Hosting.Settings;
using Grid.Hosting.Start;
using Grid.Hosting.Stores;
using Grid.Hosting.Telemetry;
using Grid.Hosting.Tls;
using Grid.Residents;
using Grid.Silo.Cluster;
using Grid.Silo.Health;
using Grid.Silo.Metrics;
using Grid.Silo.Pending;
using Grid.Silo.Preload;
using Grid.Silo.Registry;
using Grid.Silo.Schemas;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Runtime.GrainDirectory;
// Orleans has a type of the same name.
using SiloOptions = Grid.Hosting.Settings.SiloOptions;

namespace Grid.Silo.Hosting;

/// <summary>Adds a grid member to a host according to its role.</summary>
public static class GridSilo
{
    /// <summary>Adds what the role needs: grains and their stores, a member without grains, or a client.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="standard">The role used when the settings name none.</param>
    /// <exception cref="OptionsValidationException">
    /// A setting is wrong or missing for this role; the message names it.
    /// </exception>
    public static IHostApplicationBuilder AddGridMember(this IHostApplicationBuilder builder, GridRole standard)
    {
        var role = MemberRole.Of(builder.Configuration, standard);
        var options = GridClusterOptions.Of(builder.Configuration);
        RequireServers(builder.Configuration, role, options);
        if (options.Redis is { Length: > 0 })
            ClusterTls.RequireTls(options, builder.Environment);
        // The base class of the attestation service logs every ring change.
        builder.Logging.QuietOrleans().AddFilter(typeof(AttestationService).FullName, LogLevel.Warning);
        builder.Services.AddSingleton(new MemberRole(role));
        return role switch
        {
            GridRole.Gateway => builder.AddGatewayMember(options),
            GridRole.Client => builder.AddClusterClient(options),
            _ => builder.AddGrainHost(options),
        };
    }

    /// <summary>Adds the services and settings that do not depend on how members find each other.</summary>
    public static ISiloBuilder UseGridGrains(this ISiloBuilder silo)
    {
        silo.Services.AddStoreExceptions();
        silo.UsePartitions();
        silo.Services.AddSingleton<IOwnershipPeers, OwnershipClient>();
        silo.Services.AddKeyedSingleton(PartitionOwnership.ClockName, TimeProvider.System);
        silo.Services.AddSingleton<PartitionOwnership>();
        silo.Services.AddSingleton<IPartitionsTaken>(static provider =>
            provider.GetRequiredService<PartitionOwnership>()
        );
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<PartitionOwnership>()
        );
        silo.AddGrainService<OwnershipService>();
        silo.Services.AddOptions<GrainCollectionOptions>()
            .Configure<IOptions<SiloOptions>>(
                static (collection, own) =>
                {
                    // Keep a resident active who passes a door once a day, so that the morning peak does not read the
                    // store.
                    collection.ClassSpecificCollectionAge[typeof(ResidentGrain).FullName!] = own.Value.ResidentAge;
                    LimitMemory(collection, own.Value.MemoryLimitMiB);
                }
            );
        silo.UseGridTimes();
        // Last line of defence: rejects any call by CPU load. Gateways reject earlier and more fairly.
        silo.Configure<LoadSheddingOptions>(static shedding => shedding.LoadSheddingEnabled = true);
        return silo;
    }

    private static void UsePartitions(this ISiloBuilder silo)
    {
        silo.AddPlacementDirector<PartitionPlacement, PartitionPlacementDirector>();
        // Default placement of every grain. Orleans' default places by load, so two silos could choose differently.
        silo.Services.AddSingleton<PlacementStrategy, PartitionPlacement>();
        silo.Services.AddSingleton<PartitionMap>();
        silo.Services.AddSingleton<PartitionDirectory>();
        silo.Services.AddSingleton<IGrainDirectoryCache, ComputedLocations>();
        silo.Services.AddSingleton<IGrainDirectoryResolver, PartitionDirectoryResolver>();
        // While a partition moves, its old silo, its new silo and then each of them again may forward a call.
        silo.Configure<SiloMessagingOptions>(static messaging => messaging.MaxForwardCount = 8);
    }

    private static IHostApplicationBuilder AddGrainHost(
        this IHostApplicationBuilder builder,
        GridClusterOptions options
    )
    {
        builder.AddSiloParts();
        var database = FirstDatabaseOf(builder.Configuration);
        if (database is not null)
        {
            // Runs before Orleans' hosted service, which reads its statements from this schema.
            builder.Services.AddSingleton(new RegistrySchema(database));
            builder.Services.AddSingleton<ISchema>(static provider => provider.GetRequiredService<RegistrySchema>());
            builder.Services.AddHostedService<RegistryOpening>();
        }

        builder.UseOrleans(silo =>
        {
            silo.UseCluster(options, takesClients: true);
            silo.UseGridGrains();
            if (options.Redis is { Length: > 0 })
            {
                silo.UseGateFilter();
                silo.Configure<OwnershipOptions>(ownership => ownership.Hold = ClusterTimes.Of(options).Hold);
            }

            if (database is not null)
                silo.AddRegistry(database, options.Id);
            silo.AddOwnDashboard(builder.Configuration);
        });
        builder.AddMemberParts();
        // Members of a cluster share the databases; the grain directory decides which member activates a grain.
        if (options.Redis is { Length: > 0 })
            builder.Services.PostConfigure<StoreOptions>(static store =>
                store.Postgres.Presence = StorePresence.Shared
            );
        // Runs after Orleans' hosted service: it calls grains.
        builder.Services.AddHostedService<PendingWork>();
        builder.Services.AddHostedService<BulkActivation>();
        return builder;
    }

    private static IHostApplicationBuilder AddGatewayMember(
        this IHostApplicationBuilder builder,
        GridClusterOptions options
    )
    {
        builder.AddCallerParts();
        builder.Services.AddSingleton<IReadiness, GrainHosts>();
        builder.Services.AddRingCheck();
        builder.UseOrleans(silo =>
        {
            silo.UseCluster(options, takesClients: false);
            silo.UseGridTimes();
            silo.Services.AddStoreExceptions();
            silo.UsePartitions();
            // This member hosts no grains: placement finds no grain class here.
            silo.Configure<GrainTypeOptions>(static types =>
                types.Classes.RemoveWhere(static type => type.Assembly == typeof(ResidentGrain).Assembly)
            );
            silo.AddOwnDashboard(builder.Configuration);
        });
        return builder.AddMemberParts();
    }

    private static IHostApplicationBuilder AddMemberParts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddCallTraces(builder.Configuration);
        builder.Services.AddSingleton<SiloMetrics>();
        builder.Services.AddSingleton<IIncomingGrainCallFilter>(static provider =>
            provider.GetRequiredService<SiloMetrics>()
        );
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<SiloMetrics>());
        // Overrides Orleans' handler: the last registration wins.
        builder.Services.AddSingleton<IFatalErrorHandler, FatalErrors>();
        return builder;
    }

    private static void AddOwnDashboard(this ISiloBuilder silo, IConfiguration configuration)
    {
        if (GridOptions.HasDashboard(configuration))
            silo.AddDashboard(DashboardLog.Hide);
    }

    private static void UseGridTimes(this ISiloBuilder silo)
    {
        // A door learns within seconds that the outcome is unknown and repeats the scan with the same id.
        silo.Services.AddOptions<SiloMessagingOptions>()
            .Configure<IOptions<SiloOptions>>(
                static (messaging, own) => messaging.ResponseTimeout = own.Value.ResponseTimeout
            );
        silo.Configure<ClusterMembershipOptions>(ClusterTimes.Configure);
    }

    private static void UseCluster(this ISiloBuilder silo, GridClusterOptions options, bool takesClients)
    {
        // Gateways accept no clients: each call would take an extra hop.
        var (siloPort, clientPort) = (PortOrFree(options.SiloPort), takesClients ? PortOrFree(options.ClientPort) : 0);
        if (options.Redis is not { Length: > 0 })
        {
            silo.UseLocalhostClustering(siloPort, clientPort, null, options.Id, options.Id);
            return;
        }

        silo.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = options.Id);
        silo.ConfigureEndpoints(
            options.AddressOrDefault(),
            siloPort,
            clientPort,
            listenOnAnyHostAddress: options.AddressOrDefault() is null
        );
        silo.UseRedisClustering(clustering => clustering.ConfigurationOptions = options.RedisSettings());
        silo.UseClusterTls(options);
        silo.UseClusterGuard(options);
    }

    private static void RequireServers(IConfiguration configuration, GridRole role, GridClusterOptions options)
    {
        var clustered = options.Redis is { Length: > 0 };
        if (role != GridRole.All && !clustered)
            throw Wrong($"Grid:Role={role} needs Grid:Cluster:Redis. A single process is Grid:Role=All.");
        if (clustered && (role is GridRole.All or GridRole.Silo) && FirstDatabaseOf(configuration) is null)
            throw Wrong("Members of a cluster share their state: Grid:Cluster:Redis needs Grid:Postgres.");
    }

    // The registry holds rarely written grains: one database is enough.
    private static string? FirstDatabaseOf(IConfiguration configuration) =>
        Databases.Of(configuration) is [var first, ..] ? first : null;

    private static void LimitMemory(GrainCollectionOptions collection, int limitMiB)
    {
        collection.EnableActivationSheddingOnMemoryPressure = true;
        // 0: keep Orleans' default, 80 % of the memory available to the process.
        if (limitMiB == 0)
            return;
        // Orleans expects a percentage of the memory available to the process.
        var share = limitMiB * 1024.0 * 1024 / GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 100;
        collection.MemoryUsageLimitPercentage = Math.Clamp(share, 1, 99);
        collection.MemoryUsageTargetPercentage = Math.Clamp(share * 0.9, 0.5, 98);
    }

    private static int PortOrFree(int port)
    {
        if (port != 0)
            return port;
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static OptionsValidationException Wrong(string message) =>
        new(GridOptions.Section, typeof(GridOptions), [message]);
}
