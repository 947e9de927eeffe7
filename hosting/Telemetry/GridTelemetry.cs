using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Grid.Hosting.Telemetry;

/// <summary>Metrics and traces of a process by OpenTelemetry.</summary>
public static class GridTelemetry
{
    /// <summary>Maximum number of series of one instrument. Tags have few values by rule; this enforces it.</summary>
    internal const int MaxSeries = 256;

    /// <summary>
    /// Maximum age of a scrape's answer: more frequent scrapes share one collection.
    /// </summary>
    internal const int ScrapeCacheMs = 300;

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    // Its tag is a silo's address, which changes with each start.
    private const string ProbesMissed = "orleans-messaging-pings-reply-missed";
    private const string OtlpSetting = $"{TelemetryOptions.Section}:{nameof(TelemetryOptions.Otlp)}";

    private static readonly string[] OtlpSettings =
    [
        OtlpEndpoint,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ];

    // Kestrel's other metrics add cost to each request.
    private static readonly string[] KestrelMetrics = ["kestrel.active_connections", "kestrel.rejected_connections"];

    // Orleans has over a hundred metrics, each a series per silo in Prometheus. These have an alert or a panel.
    private static readonly string[] OrleansMetrics =
    [
        "orleans-app-requests-timedout",
        "orleans-catalog-activation-created",
        "orleans-catalog-activation-destroyed",
        "orleans-catalog-activation-failed-to-activate",
        "orleans-catalog-activations",
        "orleans-gateway-load-shedding",
        "orleans-messaging-expired",
        ProbesMissed,
        "orleans-messaging-rejected",
        "orleans-messaging-sent-dropped",
        "orleans-messaging-sent-failed",
    ];

    /// <summary>
    /// Adds the meters and their Prometheus exporter; exports metrics and traces to the configured collector.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="service">
    /// The name of the service, such as <c>grid-gateway</c>; <c>OTEL_SERVICE_NAME</c> overrides it.
    /// </param>
    public static IHostApplicationBuilder AddGridTelemetry(this IHostApplicationBuilder builder, string service)
    {
        var services = builder.Services;
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        // The exporter reads the collector under its standard name.
        if (builder.Configuration[OtlpSetting] is { Length: > 0 } collector)
            builder.Configuration.AddInMemoryCollection([new(OtlpEndpoint, collector)]);
        var sent = IsTraced(builder.Configuration);
        services.ConfigureOpenTelemetryMeterProvider(
            static (provider, meters) =>
            {
                var factory = provider.GetRequiredService<IMeterFactory>();
                meters.AddView(instrument =>
                    IsShown(instrument, factory)
                        ? new MetricStreamConfiguration
                        {
                            CardinalityLimit = MaxSeries,
                            TagKeys = instrument.Name == ProbesMissed ? [] : null,
                        }
                        : MetricStreamConfiguration.Drop
                );
            }
        );
        var telemetry = services
            .AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder.Configuration, service))
            .WithMetrics(meters =>
            {
                meters
                    .SetExemplarFilter(ExemplarFilterType.TraceBased)
                    .AddMeter("Grid.*", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans")
                    .AddPrometheusExporter(static exporter =>
                    {
                        exporter.ScrapeResponseCacheDurationMilliseconds = ScrapeCacheMs;
                        // Otherwise every series gets its meter's name as a label.
                        exporter.ScopeInfoEnabled = false;
                    });
                if (sent)
                    meters.AddOtlpExporter();
            });
        // Without a collector there is no provider, so no span is created.
        if (sent)
        {
            telemetry.WithTracing(static traces =>
                traces
                    // The gateway selects the traced requests: see RequestTraces.
                    .SetSampler(new ParentBasedSampler(new AlwaysOffSampler()))
                    .AddSource("Grid.*")
                    .AddOtlpExporter()
            );
        }
        return builder;
    }

    /// <summary>Whether the settings export traces to a collector.</summary>
    public static bool IsTraced(IConfiguration settings) =>
        settings[OtlpSetting] is { Length: > 0 } || OtlpSettings.Any(name => settings[name] is { Length: > 0 });

    // Keep several hosts in one process apart, as in tests: each shows its own factory's instruments and the
    // process's.
    private static bool IsShown(Instrument instrument, IMeterFactory factory) =>
        (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, factory))
        && (
            !instrument.Name.StartsWith("kestrel.", StringComparison.Ordinal)
            || KestrelMetrics.Contains(instrument.Name)
        )
        && (
            !instrument.Name.StartsWith("orleans-", StringComparison.Ordinal)
            || OrleansMetrics.Contains(instrument.Name)
        );

    private static void Describe(ResourceBuilder resource, IConfiguration settings, string service) =>
        resource.AddService(
            settings[ServiceName] is { Length: > 0 } named ? named : service,
            // The release's version, without the commit.
            serviceVersion: typeof(GridTelemetry)
                .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion.Split('+')[0],
            serviceInstanceId: Environment.MachineName
        );
}
