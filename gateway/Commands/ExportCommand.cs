using System.CommandLine;
using Grid.Commands;
using Grid.Commands.Demo;
using Grid.Gateway.Hosting;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>export FILE</c>: writes the whole store to a file that <c>import FILE</c> reads into an empty store of the same
/// or another kind. The store must not be served meanwhile. The file has no keys: copy the folder <c>keys</c> too.
/// </summary>
internal static class ExportCommand
{
    internal static Command Create(CommandSettings settings)
    {
        var file = new Argument<string>("FILE") { Description = "The file to write; it must not exist." };
        var command = new GridCommand(
            "export",
            "Writes the whole store to a file, for an import into an empty store. Stop the grid first.",
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
            $"The file has no keys: copy {Path.Combine(settings.DataFolder, "keys")} "
                + "to the data folder that imports it."
        );
    }

    private static async Task ReportAsync(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            await Console.Out.WriteLineAsync(line);
    }
}
