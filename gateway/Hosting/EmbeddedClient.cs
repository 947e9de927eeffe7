using Grid.Silo.Hosting;

namespace Grid.Gateway.Hosting;

/// <summary>How the gateway reaches the grains on the embedded engine: a silo in the same process.</summary>
internal static class EmbeddedClient
{
    /// <summary>Adds <c>IGrainFactory</c> and what stands behind it.</summary>
    internal static IHostApplicationBuilder AddGridClient(this IHostApplicationBuilder builder) => builder.AddGridSilo();
}
