using Grid.Gateway.Hosting;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Connections;

/// <summary>Configures Kestrel: its limits of connections and requests, and its scheduling.</summary>
internal static class ConnectionLimits
{
    /// <exception cref="OptionsValidationException">A setting of <see cref="GatewayOptions"/> is wrong.</exception>
    internal static WebApplicationBuilder AddConnectionLimits(this WebApplicationBuilder builder)
    {
        var options = GatewayOptions.Of(builder.Configuration);
        // No handler blocks its thread and a display completes synchronously: a hop to the thread pool and back would
        // cost more than the display.
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
        // A log line per refused connection would let any client fill the log. Kestrel counts them in
        // kestrel.rejected_connections.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error);
        return builder;
    }

    /// <summary>
    /// Warns at start when the open-file limit is too low for the configured connections.
    /// </summary>
    internal static void WarnOfFewFiles(this WebApplication app)
    {
        var setting = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.ConnectionsMax;
        app.Lifetime.ApplicationStarted.Register(() => OpenFiles.WarnWhenShort(app.Logger, setting));
    }
}
