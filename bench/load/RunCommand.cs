using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Scenarios;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load;

/// <summary>Runs one scenario against one running server.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(LoadOptions options, CancellationToken stop)
    {
        var progress = options.Quiet ? null : Console.Error;
        var report = await LoadAsync(options, progress, stop);
        Console.Write(ReportText.Summary(report));
        await ReportText.WriteFilesAsync(report, options.CsvFile, options.JsonFile);
        if (report.ErrorRate <= options.MaxErrorRate)
            return 0;
        await Console.Error.WriteLineAsync(
            $"the error rate {report.ErrorRate:0.#####} is above {options.MaxErrorRate:0.#####}"
        );
        return 1;
    }

    private static async Task<LoadReport> LoadAsync(LoadOptions options, TextWriter? progress, CancellationToken stop)
    {
        if (options.Scenario == "get")
        {
            var host = options.Plan.Server.ToString();
            return await LoadRun.RunAsync(options.Plan, "get", _ => new GetSource(host, options.Path), progress, stop);
        }
        await using var stage = await GridStage.PrepareAsync(
            options.Stage,
            options.Plan,
            options.Scenario,
            progress,
            stop
        );
        return await LoadRun.RunAsync(
            options.Plan,
            options.Scenario,
            worker => stage.SourceOf(options.Scenario, worker),
            progress,
            stop
        );
    }
}
