using System.Runtime.InteropServices;
using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Failures;

internal static class Program
{
    private const string Usage = """
        Failures of a cluster on this machine: its own silos, gateways, Redis and PostgreSQL, under load; root for cuts and the full disk.

          --runs 10             of each failure
          --only kill,stop      else all of them
          --stock FOLDER        the same with the programs of another build beside these: one with Orleans' own directory and membership
          --stock-only          those alone
          --lasts 15s           how long Redis or PostgreSQL is away
          --set NAME=VALUE,…    further settings of every process
          --markdown FILE       the table; else it goes to standard output alone

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
