using System.Diagnostics;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Stage;

/// <summary>
/// Mints sign-in tokens with the gateway's own command, on the host that holds the keys: one process for any number.
/// </summary>
internal sealed class TokenMint
{
    private readonly string _gateway;
    private readonly string _dataFolder;

    public TokenMint(StageOptions options)
    {
        _dataFolder = options.DataFolder
            ?? throw new LoadException("minting tokens needs the keys in the gateway's data folder: --data FOLDER");
        _gateway = Repository.Gateway(options.Gateway);
    }

    public async Task<string> OneAsync(string role, string subject, CancellationToken stop) =>
        (await ManyAsync(role, [subject], stop))[0];

    /// <summary>A token for each subject, in order.</summary>
    public async Task<IReadOnlyList<string>> ManyAsync(
        string role,
        IReadOnlyCollection<string> subjects,
        CancellationToken stop
    )
    {
        var (file, arguments) = ServerProcess.Dotnet(
            _gateway,
            "token",
            "--role",
            role,
            "--subject",
            "-",
            "--hours",
            "12",
            "--Grid:Data",
            _dataFolder
        );
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)
            ?? throw new LoadException("the gateway's token command could not be started");
        // Write and read concurrently: a full pipe in one direction must not block the other.
        var writing = WriteAsync(process.StandardInput, subjects, stop);
        var errors = process.StandardError.ReadToEndAsync(stop);
        var tokens = new List<string>(subjects.Count);
        while (await process.StandardOutput.ReadLineAsync(stop) is { } line)
            tokens.Add(line);
        await process.WaitForExitAsync(stop);
        var error = await errors;
        if (process.ExitCode != 0 || tokens.Count != subjects.Count)
            throw new LoadException(
                $"the gateway's token command gave {tokens.Count} tokens for {subjects.Count} subjects: {error.Trim()}"
            );
        await writing;
        return tokens;
    }

    private static async Task WriteAsync(StreamWriter input, IEnumerable<string> subjects, CancellationToken stop)
    {
        await using (input)
        {
            foreach (var subject in subjects)
                await input.WriteLineAsync(subject.AsMemory(), stop);
        }
    }
}
