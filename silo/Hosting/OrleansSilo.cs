using System.Net;
using System.Net.Sockets;
using Grid.Residents;
using Grid.Silo.Stores.Postgres;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Grid.Silo.Hosting;

/// <summary>A silo on Microsoft Orleans. <c>EmbeddedSilo</c> stands in its place in the default build.</summary>
public static class OrleansSilo
{
    /// <summary>
    /// Adds an Orleans silo, the stores, the keys and what grains take from the services. With <c>Grid:Redis</c> it joins
    /// the silos that are registered there; else it is alone.
    /// </summary>
    public static IHostApplicationBuilder AddGridSilo(this IHostApplicationBuilder builder)
    {
        builder.AddSiloParts();
        builder.Logging.QuietOrleans();
        var options = OrleansOptions.Of(builder.Configuration);
        var database = FirstDatabaseOf(builder.Configuration);
        if (database is not null)
        {
            // Before Orleans' own hosted service, which reads its statements from there.
            builder.Services.AddSingleton(new RegistrySchema(database));
            builder.Services.AddSingleton<ISchema>(static provider => provider.GetRequiredService<RegistrySchema>());
            builder.Services.AddHostedService<RegistryOpening>();
        }

        builder.UseOrleans(silo =>
        {
            silo.UseCluster(options);
            silo.UseGridGrains();
            if (database is not null)
                silo.AddRegistry(database, options.ClusterId);
        });
        builder.Services.AddCallTraces(builder.Configuration);
        builder.Services.AddSingleton<OrleansFigures>();
        builder.Services.AddSingleton<IIncomingGrainCallFilter>(static provider => provider.GetRequiredService<OrleansFigures>());
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<OrleansFigures>());
        // Its silos share the databases: Orleans' directory says who has a grain.
        builder.Services.PostConfigure<PostgresOptions>(static store => store.Presence = StorePresence.Shared);
        // After Orleans' own hosted service, so that there is a silo to call.
        builder.Services.AddHostedService<PendingWork>();
        return builder;
    }

    /// <summary>The settings that do not depend on how silos find each other.</summary>
    public static ISiloBuilder UseGridGrains(this ISiloBuilder silo)
    {
        silo.Services.AddGridFaults();
        silo.AddPlacementDirector<PartitionPlacement, PartitionPlacementDirector>();
        // For every grain without a placement of its own: by load, as Orleans would, two silos may place differently.
        silo.Services.AddSingleton<PlacementStrategy, PartitionPlacement>();
        silo.Services.AddOptions<GrainCollectionOptions>().Configure<IOptions<SiloOptions>>(static (collection, own) =>
        {
            // Who passes the same door once a day stays active: at 07:40 nobody waits for a read.
            collection.ClassSpecificCollectionAge[typeof(ResidentGrain).FullName!] = own.Value.ResidentAge;
            LimitMemory(collection, own.Value.MemoryLimitMiB);
        });
        // A caller at a door hears within seconds that the outcome is unknown, and repeats under the same id.
        silo.Services.AddOptions<SiloMessagingOptions>().Configure<IOptions<SiloOptions>>(
            static (messaging, own) => messaging.ResponseTimeout = own.Value.ResponseTimeout);
        silo.Configure<ClusterMembershipOptions>(static membership =>
        {
            // A dead silo is found out after two missed probes of a second each, not after three of five.
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
        });
        // The last line only: it refuses by the load of the machine, whoever asks; the gateways refuse earlier and fairly.
        silo.Configure<LoadSheddingOptions>(static shedding => shedding.LoadSheddingEnabled = true);
        return silo;
    }

    /// <summary>
    /// Orleans tells much of itself, all its settings at each start among it, and by Polly two lines for each activation that is
    /// placed; what goes wrong is what is wanted.
    /// </summary>
    public static ILoggingBuilder QuietOrleans(this ILoggingBuilder logging) =>
        logging.AddFilter(nameof(Orleans), LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);

    /// <summary>The Redis server of a connection string; the first connection may come before the server does.</summary>
    public static ConfigurationOptions RedisOf(string connection)
    {
        var redis = ConfigurationOptions.Parse(connection);
        redis.AbortOnConnectFail = false;
        return redis;
    }

    private static void UseCluster(this ISiloBuilder silo, OrleansOptions options)
    {
        var siloPort = PortOr(options.SiloPort);
        var clientPort = PortOr(options.ClientPort);
        if (options.Redis is not { Length: > 0 } redis)
        {
            silo.UseLocalhostClustering(siloPort, clientPort, null, options.ClusterId, options.ClusterId);
            return;
        }

        silo.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = options.ClusterId);
        silo.ConfigureEndpoints(options.Address, siloPort, clientPort, listenOnAnyHostAddress: true);
        // Sized for the city: a place that is not remembered costs a further hop at every call.
        silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = options.DirectoryCacheEntries);
        silo.UseRedisClustering(clustering => clustering.ConfigurationOptions = RedisOf(redis));
    }

    // One database is enough for what is rarely written.
    private static string? FirstDatabaseOf(IConfiguration configuration)
    {
        var databases = configuration.GetSection("Grid:Postgres");
        return databases.Value is { Length: > 0 } single ? single : databases.GetChildren().FirstOrDefault()?.Value;
    }

    private static void LimitMemory(GrainCollectionOptions collection, int limitMiB)
    {
        if (limitMiB == 0)
            return;
        // Orleans counts in hundredths of what the process may have.
        var share = limitMiB * 1024.0 * 1024 / GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 100;
        collection.EnableActivationSheddingOnMemoryPressure = true;
        collection.MemoryUsageLimitPercentage = Math.Clamp(share, 1, 99);
        collection.MemoryUsageTargetPercentage = Math.Clamp(share * 0.9, 0.5, 98);
    }

    private static int PortOr(int port)
    {
        if (port != 0)
            return port;
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
