using Grid.Commands;
using Grid.Gateway.Hosting;

namespace Grid.Gateway.Commands;

/// <summary>The commands of the gateway's program. Without a command it serves.</summary>
internal static class GatewayCommands
{
    private static readonly CommandLine Line = new(
        "gateway",
        "Serves the HTTP API of the grid; by default it hosts the grains too. Without a command it serves on "
            + "--urls (default http://127.0.0.1:8080).",
        GatewayHost.ServeAsync,
        DemoCommand.Create,
        ImportCommand.Create,
        ExportCommand.Create,
        TokenCommand.Create,
        KeysCommand.Create
    );

    /// <summary>Runs the command line to its end and returns the exit code.</summary>
    internal static Task<int> RunAsync(string[] args) => Line.RunAsync(args);
}
