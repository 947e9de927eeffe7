using Grid.Tests.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;

namespace Grid.Tests.Telemetry;

/// <summary>A grid whose metrics are those of the moment, so that a test can compare two scrapes.</summary>
public sealed class UncachedGrid : IAsyncLifetime
{
    internal GridHost Grid { get; } = new()
    {
        Configure = static builder => builder.Services.PostConfigure<PrometheusAspNetCoreOptions>(
            static exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0),
    };

    public Task InitializeAsync() => Grid.InitializeAsync();

    public Task DisposeAsync() => Grid.DisposeAsync();
}
