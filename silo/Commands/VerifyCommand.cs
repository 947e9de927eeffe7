using System.CommandLine;
using Grid.Commands;
using Grid.Hosting.Settings;
using Grid.Silo.Backup;

namespace Grid.Silo.Commands;

/// <summary><c>verify</c>: checks a backup, or a store even while the grid serves.</summary>
internal static class VerifyCommand
{
    internal static Command Create(CommandSettings settings)
    {
        var from = CommandOptions.Text("--from", "A backup to check. Default: the store of the data folder.", "backup");
        var command = new GridCommand(
            "verify",
            "Checks the store of a data folder, or a backup, and prints rows, versions and checksums.",
            "silo verify --from /backups/monday"
        )
        {
            from,
        };
        command.SetAction((parsed, _) => Run(settings, parsed.GetValue(from)));
        return command;
    }

    private static Task Run(CommandSettings settings, string? backup)
    {
        var configuration = StoreFolder.ConfigurationOf(settings);
        var progress = ProgressLine.OfConsole(TimeProvider.System);
        var tables = backup is null
            ? StoreVerify.Store(GridOptions.DataFolderOf(configuration), progress.Report)
            : StoreVerify.Backup(backup, progress.Report);
        progress.End();
        return StoreFolder.TellAsync(tables);
    }
}
