using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;

namespace Grid.Tests.Telemetry;

/// <summary>A grid without a metrics cache, so that a test can compare two scrapes.</summary>
public sealed class UncachedGrid : GridHost
{
    public UncachedGrid() =>
        Configure = static builder =>
            builder.Services.PostConfigure<PrometheusAspNetCoreOptions>(static exporter =>
                exporter.ScrapeResponseCacheDurationMilliseconds = 0
            );
}
