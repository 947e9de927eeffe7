using System.Net;
using System.Text.Json;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Comparing;

/// <summary>
/// Compares Grid with the ceiling and with the usual alternatives. All run on this machine and take turns, so that a
/// slow minute of the machine affects all of them. A ratio is taken within a round; the median of the rounds counts.
/// </summary>
internal static class CompareCommand
{
    public static async Task<int> RunAsync(CompareOptions options, string command, CancellationToken stop)
    {
        var log = options.Quiet ? null : Console.Error;
        // A folder that other users may enter: PostgreSQL runs as a user of its own.
        var folder = Path.Combine(options.Scratch, $"grid-bench-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        CompareReport report;
        try
        {
            report = await RunAsync(options, command, folder, log, stop);
        }
        catch
        {
            await Console.Error.WriteLineAsync($"the servers' logs are kept in {folder}");
            throw;
        }
        Directory.Delete(folder, recursive: true);
        await WriteAsync(options, report, stop);
        var worst = report.Scenarios.SelectMany(s => s.Contenders).Max(c => c.WorstErrorRate);
        return worst <= options.MaxErrorRate ? 0 : 1;
    }

    private static async Task<CompareReport> RunAsync(
        CompareOptions options,
        string command,
        string folder,
        TextWriter? log,
        CancellationToken stop
    )
    {
        await using var lineup = await Lineup.StartAsync(options, folder, log, stop);
        var scenarios = new List<ScenarioReport>();
        foreach (var scenario in options.Scenarios)
            scenarios.Add(await RunScenarioAsync(options, lineup, scenario, log, stop));
        return new CompareReport(
            TimeProvider.System.GetUtcNow(),
            command,
            options.IsWrk ? "wrk" : "grid (bench/load)",
            options.Rounds,
            options.Duration.TotalSeconds,
            options.Stage.Residents,
            CompareReport.ThisMachine(),
            scenarios
        );
    }

    private static async Task<ScenarioReport> RunScenarioAsync(
        CompareOptions options,
        Lineup lineup,
        string scenario,
        TextWriter? log,
        CancellationToken stop
    )
    {
        var plan = new LoadPlan
        {
            Server = new IPEndPoint(IPAddress.Loopback, 0),
            Connections = options.ConnectionsOf(scenario),
            Threads = options.Threads,
            Duration = options.Duration,
            Warmup = options.Settle,
        };
        var contenders = await lineup.PrepareAsync(scenario, plan, stop);
        if (options.Warmup > TimeSpan.Zero)
        {
            var warmup = plan with { Warmup = TimeSpan.Zero, Duration = options.Warmup };
            foreach (var contender in contenders)
                await RunRoundAsync(options, lineup, warmup, scenario, contender, stop);
        }
        var rounds = new List<RoundReport>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            var loads = new Dictionary<string, LoadReport>();
            // Each round starts with another contender, so that none always follows the same one.
            for (var i = 0; i < contenders.Count; i++)
            {
                var contender = contenders[(i + round - 1) % contenders.Count];
                loads[contender.Name] = await RunRoundAsync(options, lineup, plan, scenario, contender, stop);
                log?.WriteLine(
                    $"{scenario} {round}/{options.Rounds} {ReportText.Line(contender.Name, loads[contender.Name])}"
                );
            }
            rounds.AddRange(contenders.Select(c => new RoundReport(round, c.Name, loads[c.Name])));
        }
        return new ScenarioReport(
            scenario,
            plan.Connections,
            [.. contenders.Select(c => ContenderReport.Of(c.Name, rounds))],
            rounds
        );
    }

    private static async Task<LoadReport> RunRoundAsync(
        CompareOptions options,
        Lineup lineup,
        LoadPlan plan,
        string scenario,
        Contender contender,
        CancellationToken stop
    )
    {
        stop.ThrowIfCancellationRequested();
        await contender.BeforeRoundAsync(stop);
        var own = plan with
        {
            Server = new IPEndPoint(IPAddress.Loopback, contender.Port),
            ServerPids = contender.Pids,
        };
        var load = options.IsWrk
            ? await new WrkClient(lineup.Folder).RunAsync(own, scenario, contender, stop)
            : await LoadRun.RunAsync(own, scenario, contender.SourceOfWorker, null, stop);
        stop.ThrowIfCancellationRequested();
        return load;
    }

    private static async Task WriteAsync(CompareOptions options, CompareReport report, CancellationToken stop)
    {
        var markdown = report.Markdown();
        Console.Write(markdown);
        if (options.MarkdownFile is { } file)
            await MarkdownFile.WriteAsync(file, "compare", markdown, stop);
        if (options.JsonFile is { } json)
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(report, ReportText.Json) + "\n", stop);
    }
}
