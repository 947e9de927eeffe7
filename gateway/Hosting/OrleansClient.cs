using Grid.Silo.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using SiloOptions = Grid.Silo.Hosting.SiloOptions;

namespace Grid.Gateway.Hosting;

/// <summary>
/// How the gateway reaches the grains on Microsoft Orleans: a silo in the same process, or, with <c>Grid:Cluster</c>, the
/// silos of a cluster. <c>EmbeddedClient</c> and its neighbour stand in its place in the default build.
/// </summary>
internal static class OrleansClient
{
    /// <summary>Adds <c>IGrainFactory</c> and what stands behind it.</summary>
    internal static IHostApplicationBuilder AddGridClient(this IHostApplicationBuilder builder)
    {
        var options = OrleansOptions.Of(builder.Configuration);
        if (options.Cluster is not { Length: > 0 } cluster)
            return builder.AddGridSilo();

        builder.AddCallerParts();
        builder.Logging.QuietOrleans();
        return builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(known => known.ClusterId = known.ServiceId = options.ClusterId);
            client.UseRedisClustering(clustering => clustering.ConfigurationOptions = OrleansSilo.RedisOf(cluster));
            client.Services.AddGridFaults();
            client.Services.AddOptions<ClientMessagingOptions>().Configure<IOptions<SiloOptions>>(
                static (messaging, own) => messaging.ResponseTimeout = own.Value.ResponseTimeout);
            client.Services.AddSingleton<IOutgoingGrainCallFilter, OrleansRetry>();
            // After the retries: each attempt is a span.
            client.Services.AddCallTraces(builder.Configuration);
            client.UseConnectionRetryFilter<OrleansPatience>();
        });
    }
}

/// <summary>The silos may start after the gateway: it goes on trying until it is stopped.</summary>
internal sealed class OrleansPatience(TimeProvider time) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }
}
