using Grid.Commands;
using Grid.Silo.Hosting;

namespace Grid.Silo.Commands;

/// <summary>The commands of the silo's program. Without a command it hosts grains.</summary>
internal static class SiloCommands
{
    private static readonly CommandLine Line = new(
        "silo",
        "Hosts the grains of a cluster for gateways in other processes. Without a command: serve, with probes and "
            + "metrics on --urls (default http://127.0.0.1:8090).",
        SiloHost.ServeAsync,
        MigrateCommand.Create,
        BackupCommand.Create,
        RestoreCommand.Create,
        VerifyCommand.Create
    );

    /// <summary>Runs the command line to completion; returns the exit code.</summary>
    internal static Task<int> RunAsync(string[] args) => Line.RunAsync(args);
}
