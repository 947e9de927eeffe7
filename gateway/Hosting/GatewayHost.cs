using Grid.Gateway.Access;
using Grid.Gateway.Clients;
using Grid.Gateway.Codes;
using Grid.Gateway.Dashboard;
using Grid.Gateway.Errors;
using Grid.Gateway.Health;
using Grid.Gateway.Http;
using Grid.Gateway.Metrics;
using Grid.Gateway.Overload;
using Grid.Gateway.Pages;
using Grid.Gateway.Residents;
using Grid.Gateway.Results;
using Grid.Gateway.Sampling;
using Grid.Gateway.Scans;
using Grid.Gateway.Security;
using Grid.Gateway.Sessions;
using Grid.Gateway.Tokens;
using Grid.Gateway.Tracing;
using Grid.Gateway.Vaccination;
using Grid.Gateway.Venues;
using Grid.Residents;
using Grid.Scans;
using Grid.Silo.Hosting;
using Grid.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Hosting;

/// <summary>Puts the gateway together. Used by the program, by its commands and by the tests.</summary>
public static class GatewayHost
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Builds the host from a command line; <paramref name="configure"/> changes it last.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null) =>
        Build(args, AddMember, configure);

    /// <summary>The same with grains from elsewhere: the benchmark's baselines serve this gateway from rows of a database.</summary>
    internal static WebApplication Build(
        string[] args, Action<WebApplicationBuilder> addGrains, Action<WebApplicationBuilder>? configure)
    {
        var builder = GridHosts.CreateBuilder(args);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.AddGridLogging();
        builder.AddGridTelemetry("grid-gateway");
        AddGateway(builder);
        addGrains(builder);
        configure?.Invoke(builder);
        var app = builder.Build();
        UseGateway(app);
        return app;
    }

    private static void AddMember(WebApplicationBuilder builder)
    {
        builder.AddGridMember(GridRole.All);
        builder.Services.AddSingleton<IOutgoingGrainCallFilter, GrainCalls>();
    }

    private static void AddGateway(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        var options = builder.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
        // Kestrel takes its limits before the start checks them.
        if (new GatewayOptionsValidator().Validate(null, options) is { Failed: true } wrong)
            throw new OptionsValidationException(Options.DefaultName, typeof(GatewayOptions), wrong.Failures);
        // No handler of ours blocks its thread, and a display ends where it began: a hop to the pool and back would cost
        // more than all that it does.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.HeaderBytesMax;
            kestrel.Limits.MaxConcurrentConnections = OpenFiles.ConnectionsWithin(options.ConnectionsMax, OpenFiles.Limit());
            kestrel.ConfigureEndpointDefaults(static listen => listen.UseFairInput());
        });
        // A line for each refused connection would let anybody fill the log. Kestrel counts them (kestrel.rejected_connections).
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, GatewayJson.Default);
            json.SerializerOptions.Converters.Add(new UtcTimeConverter());
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddGridOpenApi();
        services.AddMetrics();
        services.AddAccess();
        services.AddOverloadControl();
        services.AddSingleton<HotCounters>();
        services.AddSingleton<RequestMetrics>();
        services.AddSingleton<RequestTraces>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Revocations>();
        services.AddSingleton<RevocationFeed>();
        services.AddHostedService(static provider => provider.GetRequiredService<RevocationFeed>());
        services.AddSingleton<DisplayTokens>();
        services.AddSingleton<SecurityEvents>();
        services.AddSingleton<DisplayHandler>();
        services.AddSingleton<SharedIds>();
        services.AddSingleton<ScanReader>();
        services.AddSingleton<VenueBook>();
        services.AddSingleton(static provider => new ResidentReader(
            provider.GetRequiredService<IGrainFactory>(), provider.GetService<ResidentViews>()));
        services.AddSingleton(static provider => new ScanService(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<ResidentReader>(),
            provider.GetRequiredService<VenueBook>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IVisitLog>()));
        services.AddSingleton<ScanHandler>();
        services.AddSingleton<ScanBatchHandler>();
        services.AddSingleton<SampleSubjects>();
        services.AddSingleton<Imports>();
        services.AddSignIn();
        services.TryAddSingleton<INotifier>(new FolderNotifier(GridOptions.DataFolderOf(builder.Configuration)));
    }

    private static void UseGateway(WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        app.Lifetime.ApplicationStarted.Register(() => OpenFiles.WarnWhenShort(app.Logger, options.ConnectionsMax));
        app.UseMiddleware<EveryAnswer>();
        app.UseMiddleware<RequestWatch>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseForwardedSources(options);
        app.UseRouting();
        app.UseDashboardSignIn();
        app.UseMiddleware<SignInLimiting>();
        app.UseAccess();
        app.UseMiddleware<BodyTypeMiddleware>();
        app.UseMiddleware<OverloadControl>();
        app.UseMiddleware<RequestDeadlines>();
        app.MapResidents(options);
        app.MapRegistrations();
        app.MapSessions();
        app.MapClients();
        app.MapCodes();
        app.MapVenues();
        app.MapScans(options);
        app.MapSampling(options);
        app.MapResults();
        app.MapConflicts();
        app.MapVaccination();
        app.MapHealth();
        app.MapDashboard();
        app.MapGridMetrics().AllowEveryone();
        app.MapGridOpenApi();
        app.MapGroup("").AllowEveryone().MapPages();
    }
}
