using System.Diagnostics;

namespace Grid.Tests.Fixtures;

/// <summary>Runs an external program to its end, with a timeout.</summary>
internal static class ProgramRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The first of these paths that is a file.</summary>
    internal static string? Find(string variable, params string[] places) =>
        places.Prepend(Environment.GetEnvironmentVariable(variable)).FirstOrDefault(File.Exists);

    internal static CommandEnd Run(string program, IEnumerable<string> arguments, TimeSpan? patience = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience ?? Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Path.GetFileName(program)} did not end within {patience ?? Patience}.");
        }

        return new CommandEnd(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
