using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load;

/// <summary>One scenario against one server.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(LoadOptions options)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        var report = await LoadRun.RunAsync(options.Plan, options.Scenario,
            _ => new GetSource(options.Plan.Server.ToString(), options.Path), options.Quiet ? null : Console.Error, stop.Token);
        Console.Write(ReportText.Summary(report));
        await ReportText.WriteFilesAsync(report, options.CsvFile, options.JsonFile);
        return report.ErrorRate <= options.ErrorRateMax ? 0 : 1;
    }
}
