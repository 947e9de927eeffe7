using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Grid.Silo.Telemetry;

/// <summary>Metrics and traces of a process by the SDK of OpenTelemetry.</summary>
public static class GridTelemetry
{
    /// <summary>Series of one instrument at the most: tags are few-valued by rule, and this holds the rule.</summary>
    internal const int SeriesMax = 256;

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    private static readonly string[] OtlpSettings =
        [OtlpEndpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    // Of Kestrel's only these: the others cost something for each request.
    private static readonly string[] ConnectionFigures = ["kestrel.active_connections", "kestrel.rejected_connections"];

    // Of Orleans' hundred metrics these few: each series is stored for every silo.
    private static readonly string[] OrleansFigures =
        ["orleans-catalog-activations", "orleans-catalog-activation-created", "orleans-app-requests-timedout", "orleans-messaging-rejected"];

    /// <summary>
    /// Adds the meters with <see cref="MetricsPage"/>, and the sending of metrics and traces where the settings name a
    /// collector.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="service">The name of the service, such as <c>grid-gateway</c>; <c>OTEL_SERVICE_NAME</c> overrides it.</param>
    public static IHostApplicationBuilder AddGridTelemetry(this IHostApplicationBuilder builder, string service)
    {
        var services = builder.Services;
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        services.AddMetrics();
        services.AddSingleton(static _ => new MetricsPage());
        services.AddSingleton(provider => Meters(provider, service));
        services.AddSingleton(provider => new Tracing(Tracer(provider, service)));
        // Made with the host: what is counted before anybody listens is lost.
        services.AddHostedService<Providers>();
        return builder;
    }

    private static MeterProvider Meters(IServiceProvider services, string service)
    {
        var settings = Settings(services);
        var factory = services.GetRequiredService<IMeterFactory>();
        var meters = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(own => own.AddSingleton(settings))
            .ConfigureResource(resource => Describe(resource, settings, service))
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddMeter("Grid.*", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans")
            .AddView(instrument => IsShown(instrument, factory)
                ? new MetricStreamConfiguration { CardinalityLimit = SeriesMax }
                : MetricStreamConfiguration.Drop)
            .AddReader(services.GetRequiredService<MetricsPage>().Reader);
        if (IsSent(settings))
            meters.AddOtlpExporter();
        return meters.Build();
    }

    /// <summary>Whether the settings of a host send its traces anywhere.</summary>
    internal static bool IsTraced(IConfiguration settings) =>
        IsSent(settings) || settings[$"{TelemetryOptions.Section}:{nameof(TelemetryOptions.Otlp)}"] is { Length: > 0 };

    /// <summary>Null where nobody is told: then a span is never made.</summary>
    private static TracerProvider? Tracer(IServiceProvider services, string service)
    {
        var settings = Settings(services);
        return IsSent(settings)
            ? Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(own => own.AddSingleton(settings))
                .ConfigureResource(resource => Describe(resource, settings, service))
                // Whoever begins a trace has decided that it is to be: see the gateway's TraceHead.
                .SetSampler(new ParentBasedSampler(new AlwaysOffSampler()))
                .AddSource("Grid.*")
                .AddOtlpExporter()
                .Build()
            : null;
    }

    // The meters are the process's: another host in it, as in tests, has its own.
    private static bool IsShown(Instrument instrument, IMeterFactory factory) =>
        (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, factory))
        && (!instrument.Name.StartsWith("kestrel.", StringComparison.Ordinal) || ConnectionFigures.Contains(instrument.Name))
        && (!instrument.Name.StartsWith("orleans-", StringComparison.Ordinal) || OrleansFigures.Contains(instrument.Name));

    private static void Describe(ResourceBuilder resource, IConfiguration settings, string service) => resource.AddService(
        settings[ServiceName] is { Length: > 0 } named ? named : service,
        // As releases are named, without the commit.
        serviceVersion: typeof(GridTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0],
        serviceInstanceId: Environment.MachineName);

    /// <summary>The host's settings, with the collector of <see cref="TelemetryOptions"/> under its standard name.</summary>
    private static IConfiguration Settings(IServiceProvider services)
    {
        var settings = new ConfigurationBuilder().AddConfiguration(services.GetRequiredService<IConfiguration>());
        if (services.GetRequiredService<IOptions<TelemetryOptions>>().Value.Otlp is { } collector)
            settings.AddInMemoryCollection([new(OtlpEndpoint, collector.ToString())]);
        return settings.Build();
    }

    private static bool IsSent(IConfiguration settings) => OtlpSettings.Any(name => settings[name] is { Length: > 0 });

    private sealed class Tracing(TracerProvider? provider) : IDisposable
    {
        public void Dispose() => provider?.Dispose();
    }

    private sealed class Providers : IHostedService
    {
        public Providers(MeterProvider meters, Tracing tracing) => _ = (meters, tracing);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
