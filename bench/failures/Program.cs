using System.Runtime.InteropServices;
using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Failures;

internal static class Program
{
    private const string Usage = """
        Causes failures in clusters on this machine, with their own silos, gateways, Redis and PostgreSQL, under load.
        Network cuts and the full disk need root.

          --runs 10             runs of each failure
          --only kill,stop      only these failures; default: all
          --stock FOLDER        also runs the programs of another build: one with Orleans' own directory and
                                membership
          --stock-only          runs only those
          --lasts 15s           how long Redis or PostgreSQL is down
          --set NAME=VALUE,…    further settings of every process
          --markdown FILE       also writes the table to this file; default: standard output only

        """;

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments.Contains("--help"))
        {
            Console.Write(Usage);
            return 0;
        }

        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        // The first signal ends the campaign after the current run; the second ends this process.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        try
        {
            var campaign = FailureCampaign.Parse(arguments);
            return await campaign.RunAsync(stop.Token);
        }
        catch (LoadException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
