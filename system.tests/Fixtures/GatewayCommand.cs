using System.Diagnostics;

namespace Grid.Tests.Fixtures;

/// <summary>The outputs and the exit code of a command.</summary>
internal sealed record CommandEnd(int ExitCode, string Output, string Error)
{
    /// <summary>Asserts the exit code, and a single line of error that contains this reason.</summary>
    internal void FailedInOneLine(string reason, int exitCode = 1)
    {
        Assert.True(ExitCode == exitCode, $"{ExitCode}: {Output}{Error}");
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }
}

/// <summary>Runs a command of the silo as users do: in a process of its own.</summary>
internal static class SiloCommand
{
    internal static Task<CommandEnd> RunAsync(params string[] arguments) =>
        GatewayCommand.RunProgramAsync("Grid.Silo.dll", arguments);
}

/// <summary>Runs a command of the gateway as users do: in a process of its own.</summary>
internal static class GatewayCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal static Task<CommandEnd> RunAsync(params string[] arguments) =>
        RunProgramAsync("Grid.Gateway.dll", arguments);

    internal static async Task<CommandEnd> RunProgramAsync(
        string program,
        string[] arguments,
        params (string Name, string Value)[] environment
    )
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new TimeoutException($"The command '{string.Join(' ', arguments)}' did not end: {await error}");
        }

        return new CommandEnd(process.ExitCode, await output, await error);
    }
}
