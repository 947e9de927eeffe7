using System.Globalization;
using System.Net;
using Grid.Bench.Load.Capacity.Cluster;
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
    private readonly List<GridStage> _stages = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    // A grid's own city, keys and gateway, by the contender's name.
    private readonly Dictionary<string, StageOptions> _grids = [];

    private Lineup(CompareOptions options, string folder, TextWriter? log)
    {
        _options = options;
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
        Contender.GridName => StartGridAsync(name, _options.Stage.Gateway, _options.Stage.DataFolder, stop),
        // A city of its own beside the other's: a folder has one owner.
        Contender.OrleansName => StartGridAsync(name, _options.Orleans, _options.Stage.DataFolder is { } data ? data + "-orleans" : null, stop),
        Contender.ClusterName => StartSiloAndGatewayAsync(stop),
        "postgres" => StartPostgresAsync(stop),
        "redis" => StartRedisAsync(stop),
        "sqlite" => StartBaselineAsync(name, "--sqlite", Path.Combine(Folder, "baseline.db"), [], stop),
        _ => throw new LoadException($"nobody is called '{name}'"),
    };

    private async Task StartGridAsync(string name, string? gateway, string? data, CancellationToken stop)
    {
        var grid = _options.Stage with { Gateway = gateway, DataFolder = data ?? Path.Combine(Folder, name) };
        _grids[name] = grid;
        string[] command = grid.ResidentsFile is not null ? [] : DemoCity.Command(grid);
        var store = _options.GridOnPostgres ? await StartClusterAsync($"{name}-postgres", stop) : null;
        string[] settings = store is null ? [] : ["--Grid:Postgres", store.ConnectionString];
        await StartServerAsync(name, Repository.Gateway(gateway), [.. command, "--Grid:Data", grid.DataFolder, .. settings], DemoMax, stop, "/readyz");
        if (store is not null)
            _servers[name] = (_servers[name].Port, [.. _servers[name].Pids, store.Pid]);
    }

    private async Task StartSiloAndGatewayAsync(CancellationToken stop)
    {
        _log?.WriteLine($"starting {Contender.ClusterName}");
        var grid = _options.Stage with { DataFolder = Path.Combine(Folder, Contender.ClusterName) };
        _grids[Contender.ClusterName] = grid;
        var commands = new ClusterCommands(Repository.Gateway(grid.Gateway), Repository.Silo(null));
        await CityFolder.MakeAsync(commands, grid.DataFolder, grid.Residents, stop);
        var cluster = await LocalCluster.StartAsync(commands, grid.DataFolder, Folder, silos: 1, _http, stop);
        _running.Push(cluster);
        _servers[Contender.ClusterName] = (cluster.Server.Port, [.. cluster.Members.Select(member => member.Pid)]);
    }

    private async Task StartRedisAsync(CancellationToken stop)
    {
        var redis = await RedisProcess.StartAsync(Path.Combine(Folder, "redis"), Path.Combine(Folder, "redis.log"), stop);
        _running.Push(redis);
        await StartBaselineAsync("redis", "--redis", redis.Address, [redis.Pid], stop);
    }

    private async Task<PostgresCluster> StartClusterAsync(string name, CancellationToken stop)
    {
        var programs = PostgresCluster.FindPrograms()
            ?? throw new LoadException("PostgreSQL's programs are not installed: leave 'postgres' out of --contenders and --grid-store");
        var cluster = await PostgresCluster.StartAsync(programs, Path.Combine(Folder, name), Path.Combine(Folder, $"{name}.log"), stop);
        _running.Push(cluster);
        return cluster;
    }

    private async Task StartPostgresAsync(CancellationToken stop)
    {
        var cluster = await StartClusterAsync("postgres", stop);
        await StartBaselineAsync("postgres", "--postgres", cluster.ConnectionString, [cluster.Pid], stop);
    }

    private async Task StartBaselineAsync(string name, string option, string value, int[] others, CancellationToken stop)
    {
        string[] arguments = [option, value, "--residents", _options.Stage.Residents.ToString(CultureInfo.InvariantCulture)];
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
        await server.UntilReadyAsync(port, atMost, stop, readyPath is null ? null : cancel => IsReadyAsync(url + readyPath, cancel));
    }

    private async Task<bool> IsReadyAsync(string page, CancellationToken stop)
    {
        try
        {
            using var response = await _http.GetAsync(page, stop);
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
        await EndStagesAsync();
        foreach (var name in _options.Contenders)
        {
            if (_grids.ContainsKey(name))
                contenders.Add(await GridAsync(name, scenario, plan, stop));
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

    private async Task<Contender> GridAsync(string name, string scenario, LoadPlan plan, CancellationToken stop)
    {
        var (port, pids) = _servers[name];
        var at = plan with { Server = new IPEndPoint(IPAddress.Loopback, port) };
        var stage = await GridStage.PrepareAsync(_grids[name], at, scenario, _log, stop);
        _stages.Add(stage);
        return new Contender
        {
            Name = name,
            Says = name switch
            {
                Contender.OrleansName => "gateway and Orleans silo in one process",
                Contender.ClusterName => "gateway and silo, a process each, over TLS",
                _ => "gateway and grains in one process",
            } + (_options.GridOnPostgres && name != Contender.ClusterName ? ", on PostgreSQL" : ""),
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
        var ids = scenario == "display" ? BaselineDisplaySource.Ids(_options.Stage.Residents) : null;
        return new Contender
        {
            Name = name,
            Says = name switch
            {
                "postgres" => "Kestrel + PostgreSQL, a statement each",
                "redis" => "Kestrel + Redis, a command each",
                _ => "Kestrel + SQLite, a statement each",
            },
            Port = port,
            Pids = pids,
            SourceOfWorker = worker => ids is null
                ? new BaselineScanSource(host, _options.Stage.Venues, plan.Seed + worker)
                : new BaselineDisplaySource(host, ids, new ZipfSampler(ids.Count, _options.Stage.Zipf, plan.Seed + worker)),
            ForWrk = () => WrkTexts.OfBaseline(scenario, host, _options.Stage.Residents, _options.Stage.Venues),
        };
    }

    private static string HostOf(int port) => $"127.0.0.1:{port}";

    private async Task EndStagesAsync()
    {
        foreach (var stage in _stages)
            await stage.DisposeAsync();
        _stages.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await EndStagesAsync();
        while (_running.TryPop(out var server))
            await server.DisposeAsync();
        _http.Dispose();
    }
}
