using System.CommandLine;
using Grid.Commands;
using Grid.Hosting.Settings;
using Grid.Silo.Backup;

namespace Grid.Silo.Commands;

/// <summary><c>backup</c>: copies the store and keys of a data folder while the grid serves.</summary>
internal static class BackupCommand
{
    internal static Command Create(CommandSettings settings)
    {
        var to = CommandOptions.Text("--to", "The folder to create; empty or missing.", "folder");
        to.Required = true;
        var command = new GridCommand(
            "backup",
            "Copies the store and the keys of a data folder while the grid serves; the copy shows one moment.",
            "silo backup --to /backups/monday --Grid:Data grid-data"
        )
        {
            to,
        };
        command.SetAction((parsed, _) => Run(settings, Path.GetFullPath(parsed.GetRequiredValue(to))));
        return command;
    }

    private static Task Run(CommandSettings settings, string target)
    {
        var configuration = StoreFolder.ConfigurationOf(settings);
        var progress = ProgressLine.OfConsole(TimeProvider.System);
        var manifest = StoreBackup.Take(
            GridOptions.DataFolderOf(configuration),
            target,
            TimeProvider.System,
            progress.Report
        );
        progress.End();
        Console.Out.WriteLine($"moment {manifest.TakenAt:O}");
        return StoreFolder.TellAsync(TableCount.Sum(manifest.Files.SelectMany(static file => file.Tables)));
    }
}
