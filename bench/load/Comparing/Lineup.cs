using System.Globalization;
using System.Net;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Processes;
using Grid.Bench.Load.Scenarios;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Comparing;

/// <summary>
/// The servers of a comparison, all running from its start to its end (an idle one costs the others nothing but memory), each
/// started by this tool and ended by its process id.
/// </summary>
internal sealed class Lineup : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);

    // A demo city is made before its gateway answers.
    private static readonly TimeSpan DemoMax = TimeSpan.FromMinutes(30);

    private readonly CompareOptions _options;
    private readonly TextWriter? _log;
    private readonly Stack<IAsyncDisposable> _running = new();
    private readonly Dictionary<string, (int Port, int[] Pids)> _servers = [];
    private readonly Dictionary<string, GridStage> _stages = [];
    private StageOptions _stage;

    private Lineup(CompareOptions options, string folder, TextWriter? log)
    {
        _options = options;
        _stage = options.Stage;
        _log = log;
        Folder = folder;
    }

    /// <summary>Databases and logs of this comparison.</summary>
    public string Folder { get; }

    public static async Task<Lineup> StartAsync(CompareOptions options, string folder, TextWriter? log, CancellationToken stop)
    {
        var lineup = new Lineup(options, folder, log);
        try
        {
            await lineup.StartServerAsync(Contender.CeilingName, Repository.Self, ["ceiling"], StartMax, stop);
            foreach (var name in options.Contenders)
                await lineup.StartAsync(name, stop);
            return lineup;
        }
        catch
        {
            await lineup.DisposeAsync();
            throw;
        }
    }

    private Task StartAsync(string name, CancellationToken stop) => name switch
    {
        Contender.CeilingName => Task.CompletedTask,
        "grid" => StartGridAsync(stop),
        "postgres" => StartPostgresAsync(stop),
        "sqlite" => StartBaselineAsync(name, "--sqlite", Path.Combine(Folder, "baseline.db"), [], stop),
        _ => throw new LoadException($"nobody is called '{name}'"),
    };

    private async Task StartGridAsync(CancellationToken stop)
    {
        var data = _stage.DataFolder ?? Path.Combine(Folder, "grid");
        _stage = _stage with { DataFolder = data };
        // The demo makes its city, goes on with one that was interrupted, or serves the one that is there.
        string[] command = _stage.ResidentsFile is not null
            ? []
            : Directory.Exists(Path.Combine(data, "demo"))
                ? ["demo"]
                : ["demo", "--residents", _stage.Residents.ToString(CultureInfo.InvariantCulture)];
        await StartServerAsync("grid", Repository.Gateway(_stage.Gateway), [.. command, "--Grid:Data", data], DemoMax, stop, "/readyz");
    }

    private async Task StartPostgresAsync(CancellationToken stop)
    {
        var programs = PostgresCluster.FindPrograms()
            ?? throw new LoadException("PostgreSQL's programs are not installed: leave 'postgres' out of --contenders");
        var cluster = await PostgresCluster.StartAsync(programs, Path.Combine(Folder, "postgres"), Path.Combine(Folder, "postgres.log"), stop);
        _running.Push(cluster);
        await StartBaselineAsync("postgres", "--postgres", cluster.ConnectionString, [cluster.Pid], stop);
    }

    private async Task StartBaselineAsync(string name, string option, string value, int[] others, CancellationToken stop)
    {
        string[] arguments = [option, value, "--residents", _stage.Residents.ToString(CultureInfo.InvariantCulture)];
        await StartServerAsync(name, Repository.Baselines(_options.Baselines), arguments, DemoMax, stop);
        _servers[name] = (_servers[name].Port, [.. _servers[name].Pids, .. others]);
    }

    private async Task StartServerAsync(
        string name, string dll, string[] arguments, TimeSpan atMost, CancellationToken stop, string? readyPath = null)
    {
        _log?.WriteLine($"starting {name}");
        var port = ServerProcess.FreePort();
        var url = $"http://127.0.0.1:{port}";
        var server = ServerProcess.Start(name, ServerProcess.Dotnet(dll, [.. arguments, "--urls", url]), Path.Combine(Folder, $"{name}.log"));
        _running.Push(server);
        _servers[name] = (port, [server.Pid]);
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(10) };
        await server.UntilReadyAsync(port, atMost, stop, readyPath is null ? null : cancel => IsReadyAsync(http, readyPath, cancel));
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, string path, CancellationToken stop)
    {
        try
        {
            using var response = await http.GetAsync(path, stop);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Those who take part in a scenario, ready for it; the ceiling first.</summary>
    public async Task<IReadOnlyList<Contender>> PrepareAsync(string scenario, LoadPlan plan, CancellationToken stop)
    {
        var contenders = new List<Contender> { Ceiling() };
        foreach (var name in _options.Contenders)
        {
            if (name == "grid")
                contenders.Add(await GridAsync(scenario, plan, stop));
            else if (name != Contender.CeilingName && scenario is "display" or "scan")
                contenders.Add(Baseline(name, scenario, plan));
        }
        return contenders;
    }

    private Contender Ceiling()
    {
        var (port, pids) = _servers[Contender.CeilingName];
        var host = HostOf(port);
        return new Contender
        {
            Name = Contender.CeilingName,
            Says = "bare Kestrel, 60 bytes",
            Port = port,
            Pids = pids,
            SourceOfWorker = _ => new GetSource(host, Load.Ceiling.Path),
            ForWrk = () => new WrkRequests([($"GET {Load.Ceiling.Path} HTTP/1.1\r\nHost: {host}\r\n\r\n", "")], HasId: false),
        };
    }

    private async Task<Contender> GridAsync(string scenario, LoadPlan plan, CancellationToken stop)
    {
        var (port, pids) = _servers["grid"];
        var at = plan with { Server = new IPEndPoint(IPAddress.Loopback, port) };
        await EndStageAsync();
        var stage = await GridStage.PrepareAsync(_stage, at, scenario, _log, stop);
        _stages[scenario] = stage;
        return new Contender
        {
            Name = "grid",
            Says = "gateway and grains in one process",
            Port = port,
            Pids = pids,
            SourceOfWorker = worker => stage.SourceOf(scenario, worker),
            BeforeRoundAsync = stage.RenewAsync,
            ForWrk = () => WrkTexts.Of(scenario, HostOf(port), stage),
        };
    }

    private Contender Baseline(string name, string scenario, LoadPlan plan)
    {
        var (port, pids) = _servers[name];
        var host = HostOf(port);
        var ids = scenario == "display" ? BaselineDisplaySource.Ids(_stage.Residents) : null;
        return new Contender
        {
            Name = name,
            Says = name == "postgres" ? "Kestrel + PostgreSQL, a statement each" : "Kestrel + SQLite, a statement each",
            Port = port,
            Pids = pids,
            SourceOfWorker = worker => ids is null
                ? new BaselineScanSource(host, _stage.Venues, plan.Seed + worker)
                : new BaselineDisplaySource(host, ids, new ZipfSampler(ids.Count, _stage.Zipf, plan.Seed + worker)),
            ForWrk = () => WrkTexts.OfBaseline(scenario, host, _stage.Residents, _stage.Venues),
        };
    }

    private static string HostOf(int port) => $"127.0.0.1:{port}";

    private async Task EndStageAsync()
    {
        foreach (var stage in _stages.Values)
            await stage.DisposeAsync();
        _stages.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await EndStageAsync();
        while (_running.TryPop(out var server))
            await server.DisposeAsync();
    }
}
