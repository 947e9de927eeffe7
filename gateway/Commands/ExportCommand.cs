using System.CommandLine;
using Grid.Commands;
using Grid.Commands.Demo;
using Grid.Gateway.Hosting;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>export FILE</c>: writes all that the store holds to a file that <c>import FILE</c> takes, into an empty store of the same or
/// another kind. Nobody may serve the store meanwhile. The keys are not in it: copy the folder <c>keys</c> too.
/// </summary>
internal static class ExportCommand
{
    internal static Command Create(CommandSettings settings)
    {
        var file = new Argument<string>("FILE") { Description = "The file to write; there must be none of this name." };
        var command = new GridCommand(
            "export",
            "Writes all that the store holds to a file, for an import into an empty store. Stop the grid first.",
            "gateway export city.ndjson --Grid:Data grid-data"
        )
        {
            file,
        };
        command.SetAction((parsed, _) => ExportAsync(settings, Path.GetFullPath(parsed.GetRequiredValue(file))));
        return command;
    }

    /// <summary>Fills an empty store from a file that <c>export</c> wrote.</summary>
    internal static async Task ImportAsync(CommandSettings settings, string path)
    {
        if (DemoFolder.IsIn(settings.DataFolder))
            throw new CommandException("The data folder has a demo city; name another folder with --Grid:Data.");
        using var host = CommandHost.ForTransfer(settings);
        await ReportAsync(await SiloInProcess.ImportAsync(host.Services, path, settings.DataFolder));
    }

    private static async Task ExportAsync(CommandSettings settings, string path)
    {
        using var host = CommandHost.ForTransfer(settings);
        await ReportAsync(SiloInProcess.Export(host.Services, path));
        await Console.Error.WriteLineAsync(
            $"The keys are not in the file: copy {Path.Combine(settings.DataFolder, "keys")} to the data folder that imports it."
        );
    }

    private static async Task ReportAsync(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            await Console.Out.WriteLineAsync(line);
    }
}
