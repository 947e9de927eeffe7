using System.Diagnostics;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>A data folder with the demo city, made once and copied for each cluster, keys and all: one login works everywhere.</summary>
internal static class CityFolder
{
    public static async Task MakeAsync(ClusterCommands commands, string folder, int residents, CancellationToken stop)
    {
        await RunAsync("the demo city", commands.Gateway, commands.Demo(folder, residents), stop);
        await RunAsync("the cluster's certificates", commands.Silo, commands.Certificates(folder), stop);
    }

    private static async Task RunAsync(string what, string dll, string[] command, CancellationToken stop)
    {
        var (file, arguments) = ServerProcess.Dotnet(dll, command);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new LoadException($"{dll} could not be started");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(stop);
            await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            if (process.ExitCode != 0)
                throw new LoadException($"{what} could not be made: {(await errors).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
    }
}
