using System.Globalization;
using System.Net;
using System.Text;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Processes;
using Grid.Bench.Load.Scenarios;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Anonymous;

/// <summary>
/// The load beside the displays: anonymous connections, or one connection that fetches the API description.
/// </summary>
internal sealed record Neighbour(int Anonymous, bool IsDescription)
{
    public override string ToString() =>
        IsDescription ? "1 × /openapi/v1.json" : string.Create(CultureInfo.InvariantCulture, $"{Anonymous} × sign-in");
}

/// <summary>The displays of one measurement, and the answers that the load beside them got.</summary>
internal sealed record CrowdFigures(Neighbour Beside, LoadReport Displays, LoadReport? Neighbours);

/// <summary>
/// Measures how much callers without a token slow down the displays: displays in a closed loop run beside connections
/// that send challenges and refused sign-ins. Each round starts with another measurement, so that none always runs
/// first.
/// </summary>
internal sealed class CrowdCommand
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MaxFill = TimeSpan.FromMinutes(30);

    private readonly CrowdOptions _options;
    private readonly TextWriter? _log;

    private CrowdCommand(CrowdOptions options)
    {
        _options = options;
        _log = options.Quiet ? null : Console.Error;
    }

    public static async Task<int> RunAsync(CrowdOptions options, string command, CancellationToken stop)
    {
        var crowd = new CrowdCommand(options);
        var figures = options.Server is { } server
            ? await crowd.MeasureAsync(server, options.ServerPid == 0 ? [] : [options.ServerPid], options.Stage, stop)
            : await crowd.WithOwnGatewayAsync(stop);
        var text = Table(options, command, figures);
        Console.Write(text);
        if (options.MarkdownFile is { } file)
            await MarkdownFile.WriteAsync(file, "crowd", text, stop);
        return 0;
    }

    private async Task<List<CrowdFigures>> WithOwnGatewayAsync(CancellationToken stop)
    {
        var folder = Path.Combine(_options.Scratch, $"grid-crowd-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            var city = _options.Stage with { DataFolder = _options.Stage.DataFolder ?? Path.Combine(folder, "city") };
            var gateway = Repository.Gateway(city.Gateway);
            _log?.WriteLine("filling the city");
            await ServerProcess.RunAsync(
                "demo",
                gateway,
                [.. DemoCity.Command(city), "--serve", "false", "--Grid:Data", city.DataFolder!],
                folder,
                MaxFill,
                stop
            );
            var port = ServerProcess.FreePort();
            await using var server = ServerProcess.Start(
                "grid",
                ServerProcess.Dotnet(gateway, "--urls", $"http://127.0.0.1:{port}", "--Grid:Data", city.DataFolder!),
                Path.Combine(folder, "grid.log")
            );
            using var http = new HttpClient();
            await server.UntilReadyAsync(port, MaxStart, stop, cancel =>
                ServerProcess.IsOkAsync(http, $"http://127.0.0.1:{port}/readyz", cancel)
            );
            return await MeasureAsync(new IPEndPoint(IPAddress.Loopback, port), [server.Pid], city, stop);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<List<CrowdFigures>> MeasureAsync(
        IPEndPoint server,
        int[] pids,
        StageOptions city,
        CancellationToken stop
    )
    {
        var plan = new LoadPlan
        {
            Server = server,
            Connections = _options.Connections,
            Duration = _options.Duration,
            Warmup = _options.Settle,
            ServerPids = pids,
        };
        await using var stage = await GridStage.PrepareAsync(city, plan, "display", _log, stop);
        await LoadRun.RunAsync(
            plan with
            {
                Warmup = TimeSpan.Zero,
                Duration = _options.Warmup + TimeSpan.FromSeconds(1),
            },
            "display",
            worker => stage.SourceOf("display", worker),
            null,
            stop
        );
        Neighbour[] neighbours = [.. _options.Crowds.Select(static crowd => new Neighbour(crowd, false))];
        if (_options.HasDescription)
            neighbours = [.. neighbours, new Neighbour(1, true)];
        var figures = new List<CrowdFigures>();
        for (var round = 0; round < _options.Rounds; round++)
        {
            for (var turn = 0; turn < neighbours.Length && !stop.IsCancellationRequested; turn++)
            {
                var beside = neighbours[(round + turn) % neighbours.Length];
                figures.Add(await BesideAsync(beside, plan, stage, stop));
                _log?.WriteLine(
                    string.Create(
                        Culture,
                        $"{round + 1}/{_options.Rounds} {ReportText.Line($"{beside}", figures[^1].Displays)}"
                    )
                );
            }
        }
        return figures;
    }

    private async Task<CrowdFigures> BesideAsync(
        Neighbour beside,
        LoadPlan plan,
        GridStage stage,
        CancellationToken stop
    )
    {
        var displays = LoadRun.RunAsync(plan, "display", worker => stage.SourceOf("display", worker), null, stop);
        if (beside.Anonymous == 0)
            return new CrowdFigures(beside, await displays, null);
        var host = plan.Server.ToString();
        var neighbours = LoadRun.RunAsync(
            plan with
            {
                Connections = beside.Anonymous,
                // A late answer slows a connection down: this is the most that one sender can do.
                Rate = beside.IsDescription ? null : RateProfile.Flat((double)beside.Anonymous * _options.RateEach),
                MaxBacklog = 0,
                Sources = beside.IsDescription ? 1 : _options.Sources,
                ServerPids = [],
            },
            "anonymous",
            _ => beside.IsDescription ? new GetSource(host, "/openapi/v1.json") : new AnonymousSource(host),
            null,
            stop
        );
        return new CrowdFigures(beside, await displays, await neighbours);
    }

    internal static string Table(CrowdOptions options, string command, IReadOnlyCollection<CrowdFigures> figures)
    {
        var text = new StringBuilder();
        text.Append(
            Culture,
            $"Medians of {options.Rounds} alternating rounds of {options.Duration.TotalSeconds:0} s, "
                + $"{options.Stage.Residents:N0} residents. "
        );
        text.Append(
            Culture,
            $"Displays: a closed loop of {options.Connections} connections. Each anonymous connection sends at most "
        );
        text.Append(
            Culture,
            $"{options.RateEach} challenges and refused sign-ins a second, from {options.Sources} address(es). "
                + $"Command: `{command}`\n\n"
        );
        text.Append(
            "| beside | displays/s | p50 ms | p99 ms | refused | failed otherwise | server µs/display "
                + "| anonymous answers/s | of them refused |\n"
        );
        text.Append("|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (var group in figures.GroupBy(static each => each.Beside))
        {
            LoadReport[] displays = [.. group.Select(static each => each.Displays)];
            var cpu = CompareReport.MedianOrNull(displays.Select(static load => load.ServerCpuMicroseconds));
            text.Append(Culture, $"| {group.Key} | {Middle(displays, static load => load.AchievedPerSecond):N0} ");
            text.Append(
                Culture,
                $"| {Middle(displays, static load => load.LatencyMs.P50):0.00} "
                    + $"| {Middle(displays, static load => load.LatencyMs.P99):0.00} "
            );
            text.Append(
                Culture,
                $"| {displays.Sum(static load => Refused(load)):N0} "
                    + $"| {displays.Sum(static load => load.Failed - Refused(load)):N0} | {cpu:0.0} "
            );
            LoadReport[] others = [.. group.Select(static each => each.Neighbours).OfType<LoadReport>()];
            text.Append(
                Culture,
                $"| {Middle(others, AnsweredPerSecond):N0} "
                    + $"| {Middle(others, static load => Refused(load) / load.Seconds):N0} |\n"
            );
        }
        return text.ToString();
    }

    private static double Middle(LoadReport[] loads, Func<LoadReport, double> figure) =>
        CompareReport.Median(loads.Select(figure));

    private static long Refused(LoadReport load) => load.Kinds.Sum(static kind => kind.Refused);

    private static double AnsweredPerSecond(LoadReport load) => load.Statuses.Values.Sum() / load.Seconds;
}
