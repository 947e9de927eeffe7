using Grid.Gateway.Access;
using Grid.Gateway.Calls;
using Grid.Gateway.Clients;
using Grid.Gateway.Codes;
using Grid.Gateway.Connections;
using Grid.Gateway.Dashboard;
using Grid.Gateway.Errors;
using Grid.Gateway.Health;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;
using Grid.Gateway.OpenApi;
using Grid.Gateway.Overload;
using Grid.Gateway.Pages;
using Grid.Gateway.Requests;
using Grid.Gateway.Residents;
using Grid.Gateway.Results;
using Grid.Gateway.Sampling;
using Grid.Gateway.Scans;
using Grid.Gateway.Sessions;
using Grid.Gateway.Tracing;
using Grid.Gateway.Vaccination;
using Grid.Gateway.Venues;
using Grid.Hosting.Keys;
using Grid.Hosting.Start;
using Grid.Hosting.Telemetry;
using Grid.Keys;
using Grid.Residents;
using Grid.Scans;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Hosting;

/// <summary>Builds the gateway for the program, its commands and the tests.</summary>
public static class GatewayHost
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Builds the host from a command line; <paramref name="configure"/> runs last.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null) =>
        Build(args, AddGrains, configure);

    /// <summary>Builds with another source of grains: the benchmark's baselines substitute database rows.</summary>
    internal static WebApplication Build(
        string[] args,
        Action<WebApplicationBuilder> addGrains,
        Action<WebApplicationBuilder>? configure
    )
    {
        var builder = GridHosts.CreateBuilder(args);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.AddGridLogging();
        builder.AddGridTelemetry("grid-gateway");
        AddFeatures(builder);
        addGrains(builder);
        configure?.Invoke(builder);
        var app = builder.Build();
        UseMiddleware(app);
        MapFeatures(app);
        return app;
    }

    /// <summary>Serves until the process stops.</summary>
    internal static async Task ServeAsync(string[] args)
    {
        await using var app = Build(args);
        await app.Services.WaitForServersAsync();
        app.Services.OpenStore();
        // Resolve the key ring here, so that a store written with another ring ends the start with one line.
        app.Services.GetRequiredService<KeyRing>();
        var silosRing = app.Services.GetService<RingCheck>();
        try
        {
            await app.RunAsync();
        }
        finally
        {
            // An interrupted start ends as cancelled; throw the reason instead.
            silosRing?.ThrowIfOther();
        }
    }

    private static void AddGrains(WebApplicationBuilder builder)
    {
        builder.AddMember();
        builder.Services.AddSingleton<IOutgoingGrainCallFilter, GrainCalls>();
    }

    private static void AddFeatures(WebApplicationBuilder builder)
    {
        builder.AddConnectionLimits();
        var services = builder.Services;
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddGatewayJson();
        services.AddGridOpenApi();
        services.AddRequestWatch();
        services.AddAccess();
        services.AddOverloadControl();
        services.AddImports();
        services.AddResidents();
        services.AddSessions(builder.Configuration);
        services.AddCodes();
        services.AddVenues();
        services.AddScans();
        services.AddSampling();
    }

    private static void UseMiddleware(WebApplication app)
    {
        app.WarnOfFewFiles();
        app.UseMiddleware<EveryAnswer>();
        app.UseMiddleware<RequestWatch>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseForwardedSources();
        app.UseRouting();
        app.UseDashboardSignIn();
        app.UseMiddleware<SignInLimiting>();
        app.UseAccess();
        app.UseMiddleware<BodyTypeMiddleware>();
        app.UseMiddleware<OverloadControl>();
        app.UseMiddleware<RequestDeadlines>();
    }

    private static void MapFeatures(WebApplication app)
    {
        app.MapResidents();
        app.MapRegistrations();
        app.MapSessions();
        app.MapClients();
        app.MapCodes();
        app.MapVenues();
        app.MapScans();
        app.MapSampling();
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
