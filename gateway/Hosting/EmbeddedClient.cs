using Grid.Silo.Cluster;
using Grid.Silo.Hosting;

namespace Grid.Gateway.Hosting;

/// <summary>
/// How the gateway reaches the grains on the embedded engine: a silo in the same process, which stands alone or is a member of a
/// cluster, or the silos of a cluster, as <see cref="ClusterOptions.Role"/> says.
/// </summary>
internal static class EmbeddedClient
{
    /// <summary>Adds <c>IGrainFactory</c> and what stands behind it.</summary>
    internal static IHostApplicationBuilder AddGridClient(this IHostApplicationBuilder builder) =>
        ClusterOptions.Of(builder.Configuration) is { Role: ClusterRole.Client } cluster
            ? builder.AddClusterClient(cluster)
            : builder.AddGridSilo();
}
