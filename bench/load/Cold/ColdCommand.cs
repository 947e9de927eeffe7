using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Processes;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Cold;

/// <summary>One round.</summary>
/// <param name="OnDemand">Residents a second that were loaded, activated and displayed.</param>
/// <param name="ServerCpuMicroseconds">CPU time of the process for each of them.</param>
/// <param name="BytesEach">Growth of the process's memory for each of them, garbage included.</param>
/// <param name="Bulk">Residents a second that a process activated in bulk at its start.</param>
/// <param name="ErrorRate">Of the displays.</param>
internal sealed record ColdRound(
    double OnDemand,
    double? ServerCpuMicroseconds,
    double BytesEach,
    double Bulk,
    double ErrorRate
);

/// <summary>
/// Measures how fast residents are loaded into memory. On demand: a process starts with none active, and every
/// resident's code is displayed once. In bulk: a process activates all of them at its start. Each round starts two new
/// processes on the same city.
/// </summary>
internal sealed partial class ColdCommand
{
    private const double MinOnDemand = 10_000,
        BulkMin = 40_000;
    private const string Server = "grid";
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MaxFill = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly ColdOptions _options;
    private readonly string _folder;
    private readonly StageOptions _city;
    private readonly TextWriter? _log;

    private ColdCommand(ColdOptions options, string folder)
    {
        _options = options;
        _folder = folder;
        _city = options.Stage with { DataFolder = Path.Combine(folder, "city") };
        _log = options.Quiet ? null : Console.Error;
    }

    public static async Task<int> RunAsync(ColdOptions options, string command, CancellationToken stop)
    {
        var folder = Path.Combine(options.Scratch, $"grid-cold-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            var text = await new ColdCommand(options, folder).RunAsync(command, stop);
            Console.Write(text);
            if (options.MarkdownFile is { } file)
                await MarkdownFile.WriteAsync(file, "cold", text, stop);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private async Task<string> RunAsync(string command, CancellationToken stop)
    {
        _log?.WriteLine("filling the city");
        string[] demo = [.. DemoCity.Command(_city), "--serve", "false", "--Grid:Data", _city.DataFolder!];
        await ServerProcess.RunAsync("demo", Repository.Gateway(_city.Gateway), demo, _folder, MaxFill, stop);
        var rounds = new List<ColdRound>();
        for (var round = 1; round <= _options.Rounds; round++)
        {
            var figures = await OnDemandAsync(stop) with { Bulk = await BulkAsync(stop) };
            rounds.Add(figures);
            var cost = string.Create(
                CultureInfo.InvariantCulture,
                $"{figures.ServerCpuMicroseconds:0.0} µs and {figures.BytesEach:N0} bytes each"
            );
            _log?.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{round}/{_options.Rounds} on demand {figures.OnDemand:N0}/s, {cost}; in bulk {figures.Bulk:N0}/s"
                )
            );
        }

        return Table(command, rounds);
    }

    private async Task<ColdRound> OnDemandAsync(CancellationToken stop)
    {
        var (server, port) = Start(preload: false);
        await using var running = server;
        using var http = new HttpClient();
        await server.UntilReadyAsync(port, MaxStart, stop, cancel =>
            ServerProcess.IsOkAsync(http, $"http://127.0.0.1:{port}/readyz", cancel)
        );
        var plan = new LoadPlan
        {
            Server = new IPEndPoint(IPAddress.Loopback, port),
            Connections = _options.Connections,
            Threads = 1,
            Duration = MaxFill,
            Warmup = TimeSpan.Zero,
            ServerPids = [server.Pid],
        };
        // Another process mints the tokens, so that no resident is active yet.
        await using var stage = await GridStage.PrepareAsync(_city, plan, "display", null, stop);
        var before = ProcessMemory.ResidentBytes(server.Pid);
        var load = await LoadRun.RunAsync(plan, "cold", _ => stage.EveryoneOnce(), null, stop);
        var grown = ProcessMemory.ResidentBytes(server.Pid) - before;
        return new ColdRound(
            load.AchievedPerSecond,
            load.ServerCpuMicroseconds,
            grown / (double)stage.ResidentTokens.Count,
            0,
            load.ErrorRate
        );
    }

    // The server logs how many residents it activated, and how long that took.
    private async Task<double> BulkAsync(CancellationToken stop)
    {
        var (server, _) = Start(preload: true);
        await using var running = server;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(MaxFill);
        while (true)
        {
            if (Activated().Match(server.ReadLog()) is { Success: true } said)
            {
                var (residents, seconds) = (Number(said.Groups[1].Value), Number(said.Groups[2].Value));
                return residents >= _city.Residents
                    ? residents / Math.Max(seconds, 0.1)
                    : throw new LoadException($"{residents:N0} of {_city.Residents:N0} residents were activated");
            }
            if (server.HasExited)
                throw new LoadException($"the server ended: {server.ReadLog()}");
            await Task.Delay(Look, limit.Token);
        }
    }

    private (ServerProcess Server, int Port) Start(bool preload)
    {
        var port = ServerProcess.FreePort();
        string[] arguments =
        [
            "--urls",
            $"http://127.0.0.1:{port}",
            "--Grid:Data",
            _city.DataFolder!,
            "--Grid:Silo:Preload",
            preload ? "true" : "false",
        ];
        var command = ServerProcess.Dotnet(Repository.Gateway(_city.Gateway), arguments);
        return (ServerProcess.Start(Server, command, Path.Combine(_folder, $"{Server}.log")), port);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private string Table(string command, List<ColdRound> rounds)
    {
        var text = new StringBuilder();
        text.Append(
            Culture,
            $"Medians of {rounds.Count} rounds, {_city.Residents:N0} residents, one process, SQLite. "
        );
        text.Append(Culture, $"Command: `{command}`\n\n");
        text.Append("| path | must reach | reached | |\n|---|---:|---:|---|\n");
        AppendGoal("cold residents, on demand", MinOnDemand, round => round.OnDemand);
        AppendGoal("in bulk ahead of a peak", BulkMin, round => round.Bulk);
        var cpu = CompareReport.MedianOrNull(rounds.Select(static round => round.ServerCpuMicroseconds));
        var bytes = CompareReport.Median(rounds.Select(static round => round.BytesEach));
        text.Append(
            Culture,
            $"\nOn demand, each takes {cpu:0.0} µs of the process's CPU, its display and token check included, and "
        );
        text.Append(Culture, $"the process grows by {bytes:N0} bytes, garbage included. ");
        text.Append(Culture, $"Errors: {rounds.Max(static round => round.ErrorRate):0.####}.\n");
        return text.ToString();

        void AppendGoal(string path, double least, Func<ColdRound, double> figure)
        {
            var reached = CompareReport.Median(rounds.Select(figure));
            text.Append(
                Culture,
                $"| {path} | ≥ {least:N0}/s | {reached:N0}/s | {(reached >= least ? "met" : "short")} |\n"
            );
        }
    }

    [GeneratedRegex(@"Activated (\d+) residents in ([\d.]+) s")]
    private static partial Regex Activated();
}
