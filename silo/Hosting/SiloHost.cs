using Grid.Hosting.Settings;
using Grid.Hosting.Start;
using Grid.Hosting.Telemetry;
using Grid.Silo.Health;
using Grid.Silo.Stores;

namespace Grid.Silo.Hosting;

/// <summary>Builds and runs the silo's host, which serves grains to gateways in other processes.</summary>
public static class SiloHost
{
    private const string DefaultUrl = "http://127.0.0.1:8090";

    /// <summary>Builds the host from a command line; <paramref name="configure"/> is applied last.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = CreateBuilder(args, GridRole.Silo);
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapSiloHealth();
        return app;
    }

    /// <summary>Serves until the process is stopped.</summary>
    internal static async Task ServeAsync(string[] args)
    {
        await using var app = Build(args);
        await app.Services.WaitForServersAsync();
        // Open the store before the host starts: a folder in use then prints one line instead of a stack trace.
        app.Services.GetRequiredKeyedService<IGrainStorage>(GridGrainStorage.Name);
        await app.RunAsync();
    }

    /// <summary>Creates a host with logs, telemetry and grains.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="standard">The role used when the settings name none.</param>
    internal static WebApplicationBuilder CreateBuilder(string[] args, GridRole standard)
    {
        var builder = GridHosts.CreateBuilder(args);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.AddGridLogging();
        builder.AddGridTelemetry("grid-silo");
        builder.AddGridMember(standard);
        return builder;
    }
}
