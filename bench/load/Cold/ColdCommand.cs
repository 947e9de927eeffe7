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

namespace Grid.Bench.Load.Cold;

/// <summary>One round of one grid.</summary>
/// <param name="PerSecond">Residents who were read from the store, made active and displayed, in a second.</param>
/// <param name="ServerCpuMicroseconds">CPU time of the process for each.</param>
/// <param name="BytesEach">What the process grew by for each, garbage included.</param>
internal sealed record ColdRound(double PerSecond, double? ServerCpuMicroseconds, double BytesEach, double ErrorRate);

/// <summary>
/// A gateway that has nobody in memory, and every resident looks at the code once: how fast residents come in on demand, and
/// how much memory each takes when all are in. A new process for each round; the grids take turns.
/// </summary>
internal sealed class ColdCommand
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FillMax = TimeSpan.FromMinutes(30);

    private readonly ColdOptions _options;
    private readonly string _folder;
    private readonly TextWriter? _log;

    private ColdCommand(ColdOptions options, string folder)
    {
        _options = options;
        _folder = folder;
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
                await File.WriteAllTextAsync(file, text, stop);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private async Task<string> RunAsync(string command, CancellationToken stop)
    {
        var grids = new Dictionary<string, StageOptions> { [Contender.GridName] = OptionsOf(Contender.GridName, _options.Stage.Gateway) };
        if (_options.Orleans is { } orleans)
            grids[Contender.OrleansName] = OptionsOf(Contender.OrleansName, orleans);
        foreach (var (name, grid) in grids)
            await FillAsync(name, grid, stop);
        var rounds = grids.Keys.ToDictionary(static name => name, static _ => new List<ColdRound>());
        for (var round = 0; round < _options.Rounds; round++)
        {
            foreach (var (name, grid) in round % 2 == 0 ? grids : grids.Reverse())
            {
                var figures = await RoundAsync(name, grid, stop);
                rounds[name].Add(figures);
                _log?.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{round + 1}/{_options.Rounds} {name}: {figures.PerSecond:N0} residents/s, {figures.ServerCpuMicroseconds:0.0} µs each, {figures.BytesEach:N0} bytes each"));
            }
        }

        return Table(command, rounds);
    }

    private StageOptions OptionsOf(string name, string? gateway) =>
        _options.Stage with { Gateway = gateway, DataFolder = Path.Combine(_folder, name) };

    private async Task FillAsync(string name, StageOptions grid, CancellationToken stop)
    {
        _log?.WriteLine($"filling the city of {name}");
        string[] arguments = [.. DemoCity.Command(grid), "--serve", "false", "--Grid:Data", grid.DataFolder!];
        await using var demo = ServerProcess.Start(
            name, ServerProcess.Dotnet(Repository.Gateway(grid.Gateway), arguments), Path.Combine(_folder, $"{name}-demo.log"));
        if (await demo.ExitCodeAsync(FillMax, stop) != 0)
            throw new LoadException($"{name} could not make its city");
    }

    private async Task<ColdRound> RoundAsync(string name, StageOptions grid, CancellationToken stop)
    {
        var port = ServerProcess.FreePort();
        var url = $"http://127.0.0.1:{port}";
        string[] arguments = ["--urls", url, "--Grid:Data", grid.DataFolder!, "--Grid:Silo:Preload", "false"];
        await using var server = ServerProcess.Start(
            name, ServerProcess.Dotnet(Repository.Gateway(grid.Gateway), arguments), Path.Combine(_folder, $"{name}.log"));
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        await server.UntilReadyAsync(port, StartMax, stop, async cancel => (await http.GetAsync("/readyz", cancel)).IsSuccessStatusCode);

        var plan = new LoadPlan
        {
            Server = new IPEndPoint(IPAddress.Loopback, port),
            Connections = _options.Connections,
            Threads = 1,
            Duration = FillMax,
            Warmup = TimeSpan.Zero,
            ServerPids = [server.Pid],
        };
        // The stage warms nothing up but a venue and a key: tokens come from a process of their own.
        await using var stage = await GridStage.PrepareAsync(grid, plan, "display", null, stop);
        var before = ProcessMemory.ResidentBytes(server.Pid);
        var load = await LoadRun.RunAsync(plan, "cold", _ => stage.EveryoneOnce(), null, stop);
        var after = ProcessMemory.ResidentBytes(server.Pid);
        return new ColdRound(load.AchievedPerSecond, load.ServerCpuMicroseconds, (after - before) / (double)stage.ResidentTokens.Count, load.ErrorRate);
    }

    private string Table(string command, Dictionary<string, List<ColdRound>> grids)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Command: `{command}`\n\n");
        text.Append("| grid | residents/s | server µs each | bytes each | errors |\n|---|---:|---:|---:|---:|\n");
        foreach (var (name, rounds) in grids)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {CompareReport.Median(rounds.Select(static r => r.PerSecond)):N0} |");
            text.Append(CultureInfo.InvariantCulture, $" {CompareReport.Median(rounds.Select(static r => r.ServerCpuMicroseconds ?? 0)):0.0} |");
            text.Append(CultureInfo.InvariantCulture, $" {CompareReport.Median(rounds.Select(static r => r.BytesEach)):N0} |");
            text.Append(CultureInfo.InvariantCulture, $" {rounds.Max(static r => r.ErrorRate):0.####} |\n");
        }

        return text.ToString();
    }
}
