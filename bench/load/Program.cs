using System.Runtime.InteropServices;
using Grid.Bench.Load.Anonymous;
using Grid.Bench.Load.Capacity;
using Grid.Bench.Load.Cold;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Comparing;

namespace Grid.Bench.Load;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var (command, rest) =
            arguments is [var first, ..] && !first.StartsWith('-') ? (first, arguments[1..]) : ("run", arguments);
        if (command == "help" || rest.Contains("--help"))
        {
            Console.Write(Usage.Text);
            return 0;
        }
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        // The first signal ends the run with the figures so far and stops the servers; the second ends this process.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        try
        {
            return command switch
            {
                "run" => await RunCommand.RunAsync(LoadOptions.Parse(rest), stop.Token),
                "compare" => await CompareCommand.RunAsync(
                    CompareOptions.Parse(rest),
                    $"bench/load -- compare {string.Join(' ', rest)}",
                    stop.Token
                ),
                "capacity" => await CapacityCommand.RunAsync(
                    CapacityOptions.Parse(rest),
                    $"bench/load -- capacity {string.Join(' ', rest)}",
                    stop.Token
                ),
                "cold" => await ColdCommand.RunAsync(
                    ColdOptions.Parse(rest),
                    $"bench/load -- cold {string.Join(' ', rest)}",
                    stop.Token
                ),
                "crowd" => await CrowdCommand.RunAsync(
                    CrowdOptions.Parse(rest),
                    $"bench/load -- crowd {string.Join(' ', rest)}",
                    stop.Token
                ),
                "ceiling" => await Ceiling.RunAsync(rest),
                _ => throw new LoadException($"'{command}' is not a command; try: help"),
            };
        }
        catch (LoadException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("stopped");
            return 1;
        }
    }
}
