using System.CommandLine;
using Grid.Commands;
using Grid.Hosting.Settings;
using Grid.Silo.Backup;

namespace Grid.Silo.Commands;

/// <summary><c>restore</c>: creates a data folder from a backup.</summary>
internal static class RestoreCommand
{
    internal static Command Create(CommandSettings settings)
    {
        var from = CommandOptions.Text("--from", "The folder that 'backup' created.", "backup");
        from.Required = true;
        // Options of 0.1. Ignoring them would restore another moment than the operator asked for.
        Option<string>[] former = [new("--to") { Hidden = true }, new("--archive") { Hidden = true }];
        var command = new GridCommand(
            "restore",
            "Creates a data folder from a backup, after verifying the whole backup.",
            "silo restore --from /backups/monday --Grid:Data new-data"
        )
        {
            from,
            former[0],
            former[1],
        };
        command.SetAction(
            (parsed, _) =>
                former.Any(option => parsed.GetResult(option) is not null)
                    ? throw new UsageException(
                        "restore restores the moment of the backup; --to and --archive are options of 0.1."
                    )
                    : Run(settings, parsed.GetRequiredValue(from))
        );
        return command;
    }

    private static Task Run(CommandSettings settings, string backup)
    {
        var folder = GridOptions.DataFolderOf(StoreFolder.ConfigurationOf(settings));
        var progress = ProgressLine.OfConsole(TimeProvider.System);
        var takenAt = StoreRestore.Run(backup, folder, progress.Report);
        Console.Out.WriteLine($"moment {takenAt:O}");
        var tables = StoreVerify.Store(folder, progress.Report);
        progress.End();
        return StoreFolder.TellAsync(tables);
    }
}
