using Grid.Gateway.Demo;
using Grid.Silo.Transfer;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>export FILE</c>: writes all that the store holds to a file that <c>import FILE</c> takes, into an empty store of the same or
/// another kind. Nobody may serve the store meanwhile. The keys are not in it: copy the folder <c>keys</c> too.
/// </summary>
internal static class ExportCommand
{
    internal static async Task RunAsync(CommandArguments arguments)
    {
        arguments.Allow();
        if (arguments.Words is not [_, var path])
            throw new CommandException("The command 'export' takes one file: export FILE.");
        using var host = CommandHost.ForTransfer(arguments);
        Report(GridTransfer.Export(host.Services, Path.GetFullPath(path)));
        await Console.Error.WriteLineAsync($"The keys are not in the file: copy {Path.Combine(arguments.DataFolder, "keys")} to the data folder that imports it.");
    }

    /// <summary>Imports an export.</summary>
    internal static async Task ImportAsync(CommandArguments arguments, string path)
    {
        if (DemoFolder.IsIn(arguments.DataFolder))
            throw new CommandException("The data folder has a demo city; name another folder with --Grid:Data.");
        using var host = CommandHost.ForTransfer(arguments);
        Report(await GridTransfer.ImportAsync(host.Services, path, arguments.DataFolder));
    }

    private static void Report(TransferReport report)
    {
        foreach (var (grain, rows) in report.States)
            Console.Out.WriteLine($"{grain} {rows}");
        Console.Out.WriteLine($"visits {report.Visits}");
    }
}
