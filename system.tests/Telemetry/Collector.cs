using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grid.Tests.Telemetry;

/// <summary>Collects the bytes of metrics and traces that processes send by OTLP.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly MemoryStream _sent = new();
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    /// <summary>The settings that make a process send to this collector, with short intervals.</summary>
    internal string[] Settings =>
        [
            "--OTEL_EXPORTER_OTLP_ENDPOINT",
            _app.Urls.Single(),
            "--OTEL_EXPORTER_OTLP_PROTOCOL",
            "http/protobuf",
            "--OTEL_METRIC_EXPORT_INTERVAL",
            "500",
            "--OTEL_BSP_SCHEDULE_DELAY",
            "200",
        ];

    /// <summary>All bytes received so far.</summary>
    internal byte[] Sent
    {
        get
        {
            lock (_sent)
                return _sent.ToArray();
        }
    }

    internal static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        collector._app.Run(collector.KeepAsync);
        await collector._app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _sent.DisposeAsync();
    }

    private async Task KeepAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        lock (_sent)
            body.WriteTo(_sent);
        context.Response.ContentType = "application/x-protobuf";
    }
}
