using System.Diagnostics.Metrics;
using System.Net;
using Grid.Engine.Cluster;
using Grid.Engine.Hosting;
using Grid.Engine.Wire;
using Grid.Keys;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Cluster;

/// <summary>Puts a process into a cluster of the embedded engine.</summary>
public static class ClusterParts
{
    /// <summary>Adds what a gateway has that calls the grains of a cluster and hosts none.</summary>
    public static IHostApplicationBuilder AddClusterClient(this IHostApplicationBuilder builder, ClusterOptions options)
    {
        builder.AddCallerParts();
        builder.Services.AddGridEngine();
        builder.AddCluster(options, listen: null);
        return builder;
    }

    /// <summary>Makes a silo, whose parts and engine are added already, a member.</summary>
    internal static IHostApplicationBuilder AddClusterMember(this IHostApplicationBuilder builder, ClusterOptions options)
    {
        var services = builder.Services;
        services.AddSingleton<IUnitTenant, UnitWarmup>();
        services.AddSingleton<IUnitTenant, UnitPendingWork>();
        if (GridStores.DatabasesOf(builder.Configuration).Length > 0)
            services.AddPostgresUnits();
        else
            services.AddFolderUnits(builder.Configuration);
        builder.AddCluster(options, new IPEndPoint(IPAddress.Parse(options.Listen), options.Port));
        return builder;
    }

    private static void AddFolderUnits(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<StoreOptions>(store =>
        {
            if (configuration[$"{StoreOptions.Section}:{nameof(StoreOptions.Files)}"] is null)
                store.Files = ClusterOptions.FilesDefault;
        });
        services.Replace(ServiceDescriptor.Singleton(static provider => SqliteStore.WithoutFiles(
            provider.GetRequiredService<IOptions<StoreOptions>>().Value, provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SqliteStore>>())));
        services.AddSingleton<IUnitStore, SqliteUnits>();
        services.AddFolderMembership(configuration);
    }

    private static void AddFolderMembership(this IServiceCollection services, IConfiguration configuration)
    {
        var folder = ClusterOptions.FolderOf(configuration);
        services.AddSingleton<IMembershipStore>(_ => new FolderMembership(folder));
    }

    private static void AddCluster(this IHostApplicationBuilder builder, ClusterOptions options, IPEndPoint? listen)
    {
        var services = builder.Services;
        if (listen is null && GridStores.DatabasesOf(builder.Configuration) is { Length: > 0 } databases)
            services.AddPostgresMembership(databases);
        else if (listen is null)
            services.AddFolderMembership(builder.Configuration);
        // What waits at the gateway is told in time that it waits for nothing; a silo's own calls end before those.
        services.AddOptions<EngineOptions>().PostConfigure<IOptions<SiloOptions>>((engine, silo) =>
            engine.ResponseTimeout = silo.Value.ResponseTimeout < options.CallTimeout ? silo.Value.ResponseTimeout : options.CallTimeout);
        services.AddSingleton<IReadiness, ClusterReadiness>();
        services.AddGridCluster(new ClusterProcessOptions
        {
            Listen = listen,
            Host = options.Host,
            Name = options.Name,
            Times = new ClusterTimes
            {
                Lease = options.Lease, LeaseMargin = options.LeaseMargin, Beat = options.Beat, StoreOutageMax = options.StoreOutageMax,
            },
            Router = new RouterOptions { WaitMax = options.WaitMax, WaitingCallsMax = options.WaitingCallsMax },
            Wire = new WireOptions
            {
                Name = options.Name ?? Environment.MachineName,
                ConnectionsPerSilo = options.Connections,
                Tls = ClusterCertificates.Of(builder, options, listen is null ? GridRole.Gateway : GridRole.Silo),
            },
            // A gateway whose ring was not copied makes one of its own, and would look for every resident under another key.
            Grid = static provider => KeyMarks.OfGrid(provider.GetRequiredService<KeyRing>()),
            LeaveTimeout = options.LeaveTimeout,
        });
    }
}
