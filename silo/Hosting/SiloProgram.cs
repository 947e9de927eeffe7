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

    private static async Task<int> RunAsync(string[] args)
    {
        // A command comes first; a setting begins with dashes.
        var command = args is [var first, ..] && !first.StartsWith('-') ? first : null;
        var builder = GridHosts.CreateBuilder(command is null ? args : args[1..]);
        if (command is not null && BackupCommands.Has(command))
            return await BackupCommands.RunAsync(command, builder.Configuration, TimeProvider.System);
        if (command is not (null or "migrate"))
            throw new StartException(FormerSettings.Command(command) ?? "The commands of a silo are migrate, backup, restore and verify.");
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.AddGridLogging();
        builder.AddGridTelemetry("grid-silo");
        // A migration needs the databases and no cluster.
        builder.AddGridMember(command is null ? GridRole.Silo : GridRole.All);
        if (command is not null)
            builder.Services.UseForMigration();

        await using var app = builder.Build();
        await app.Services.WaitForServersAsync();
        if (command is not null)
            return await MigrateCommand.RunAsync(app.Services);
        // Opens the store before the host starts: a folder that another process has is one line, not a host's stack trace.
        app.Services.GetRequiredKeyedService<IGrainStorage>(GridGrainStorage.Name);
        app.MapSiloHealth();
        await app.RunAsync();
        return 0;
    }
}
