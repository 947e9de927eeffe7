using Grid.Hosting.Health;
using Grid.Hosting.Keys;
using Grid.Hosting.Settings;
using Grid.Hosting.Start;
using Grid.Hosting.Stores;
using Grid.Hosting.Telemetry;
using Grid.Hosting.Tls;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
// Orleans has a type of the same name.
using SiloOptions = Grid.Hosting.Settings.SiloOptions;

namespace Grid.Hosting.Client;

/// <summary>The role <see cref="GridRole.Client"/>: an Orleans client of silos in other processes.</summary>
public static class ClusterClient
{
    /// <summary>Adds the client and the services of every process that calls grains.</summary>
    public static IHostApplicationBuilder AddClusterClient(
        this IHostApplicationBuilder builder,
        GridClusterOptions options
    )
    {
        builder.AddCallerParts();
        var connections = new SiloConnections();
        builder.Services.AddSingleton<IReadiness>(connections);
        builder.Services.AddRingCheck();
        return builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(known => known.ClusterId = known.ServiceId = options.Id);
            client.UseRedisClustering(clustering => clustering.ConfigurationOptions = options.RedisSettings());
            client.UseClusterTls(options);
            client.Services.AddStoreExceptions();
            client
                .Services.AddOptions<ClientMessagingOptions>()
                .Configure<IOptions<SiloOptions>>(
                    static (messaging, own) => messaging.ResponseTimeout = own.Value.ResponseTimeout
                );
            client.Services.AddCallTraces(builder.Configuration);
            if (GridOptions.HasDashboard(builder.Configuration))
                client.AddDashboard(DashboardLog.Hide);
            client.UseConnectionRetryFilter<SiloWait>();
            client.AddGatewayCountChangedHandler((_, change) => connections.Count = change.NumberOfConnectedGateways);
        });
    }
}
