using Grid.Gateway.Hosting;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Connections;

/// <summary>Sets the limits of connections and requests, and how the server runs them.</summary>
internal static class ConnectionLimits
{
    /// <exception cref="OptionsValidationException">A setting of <see cref="GatewayOptions"/> is wrong.</exception>
    internal static WebApplicationBuilder AddConnectionLimits(this WebApplicationBuilder builder)
    {
        var options = GatewayOptions.Of(builder.Configuration);
        // No handler of ours blocks its thread, and a display ends where it began: a hop to the pool and back would
        // cost more than all that it does.
        builder.WebHost.UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.HeaderBytesMax;
            kestrel.Limits.MaxConcurrentConnections = OpenFiles.ConnectionsWithin(
                options.ConnectionsMax,
                OpenFiles.Limit()
            );
            kestrel.ConfigureEndpointDefaults(static listen => listen.UseFairInput());
        });
        // A line for each refused connection would let anybody fill the log. Kestrel counts them
        // (kestrel.rejected_connections).
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error);
        return builder;
    }

    /// <summary>
    /// Warns at the start when the process may open too few files for the connections of the settings.
    /// </summary>
    internal static void WarnOfFewFiles(this WebApplication app)
    {
        var setting = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.ConnectionsMax;
        app.Lifetime.ApplicationStarted.Register(() => OpenFiles.WarnWhenShort(app.Logger, setting));
    }
}
