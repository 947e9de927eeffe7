using Grid.Silo.Backup;
using Grid.Silo.Stores;
using Grid.Silo.Telemetry;

namespace Grid.Silo.Hosting;

/// <summary>The silo's program: hosts grains for gateways elsewhere, or runs a command (migrate, backup, restore, verify).</summary>
public static class SiloProgram
{
    private const string DefaultUrl = "http://127.0.0.1:8090";

    /// <summary>Runs to the end; 0, or 1 with a one-line reason on standard error.</summary>
    public static async Task<int> MainAsync(string[] args)
    {
        try
        {
            return await RunAsync(args);
        }
        catch (Exception exception) when (StartFailure.ReasonOf(exception) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason);
            return 1;
        }
    }

    /// <summary>Builds the host that serves, from a command line; <paramref name="configure"/> changes it last.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = CreateBuilder(args, GridRole.Silo);
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapSiloHealth();
        return app;
    }

    private static async Task<int> RunAsync(string[] args)
    {
        // A command comes first; a setting begins with dashes.
        if (args is [var command, ..] && !command.StartsWith('-'))
            return await RunAsync(command, args[1..]);
        await using var app = Build(args);
        await app.Services.WaitForServersAsync();
        // Opens the store before the host starts: a folder that another process has is one line, not a host's stack trace.
        app.Services.GetRequiredKeyedService<IGrainStorage>(GridGrainStorage.Name);
        await app.RunAsync();
        return 0;
    }

    private static async Task<int> RunAsync(string command, string[] args)
    {
        if (BackupCommands.Has(command))
            return await BackupCommands.RunAsync(command, GridHosts.CreateBuilder(args).Configuration, TimeProvider.System);
        if (command != "migrate")
            throw new StartException(FormerSettings.Command(command) ?? "The commands of a silo are migrate, backup, restore and verify.");
        // A migration needs the databases and no cluster.
        var builder = CreateBuilder(args, GridRole.All);
        builder.Services.UseForMigration();
        await using var app = builder.Build();
        await app.Services.WaitForServersAsync();
        return await MigrateCommand.RunAsync(app.Services);
    }

    private static WebApplicationBuilder CreateBuilder(string[] args, GridRole standard)
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
