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
/// The servers of a comparison. All run from start to end (an idle one costs the others only memory); this tool starts
/// each and ends it by process id.
/// </summary>
internal sealed class Lineup : IAsyncDisposable
{
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(2);

    // The time for creating a demo city or filling a baseline: a server answers only after that.
    private static readonly TimeSpan MaxCity = TimeSpan.FromMinutes(30);

    private readonly CompareOptions _options;
    private readonly TextWriter? _log;
    private readonly Stack<IAsyncDisposable> _running = new();
    private readonly Dictionary<string, (int Port, int[] Pids)> _servers = [];
    private readonly List<GridStage> _stages = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    // The residents and keys of a contender, by its name.
    private readonly Dictionary<string, StageOptions> _cities = [];

    private Lineup(CompareOptions options, string folder, TextWriter? log)
    {
        _options = options;
        _log = log;
        Folder = folder;
    }

    /// <summary>Databases and logs of this comparison.</summary>
    public string Folder { get; }

    // One city for the grid in one process and for the baselines: the same residents, states and keys.
    private StageOptions City =>
        _options.Stage with
        {
            DataFolder = _options.Stage.DataFolder ?? Path.Combine(Folder, "city"),
        };

    public static async Task<Lineup> StartAsync(
        CompareOptions options,
        string folder,
        TextWriter? log,
        CancellationToken stop
    )
    {
        var lineup = new Lineup(options, folder, log);
        try
        {
            await lineup.MakeCityAsync(stop);
            foreach (var name in options.Contenders)
            {
                log?.WriteLine($"starting {name}");
                await lineup.StartAsync(name, stop);
            }
            return lineup;
        }
        catch
        {
            await lineup.DisposeAsync();
            throw;
        }
    }

    private string Gateway => Repository.Gateway(_options.Stage.Gateway);

    private string Baselines => Repository.Baselines(_options.Baselines);

    private Task MakeCityAsync(CancellationToken stop)
    {
        string[] demo = [.. DemoCity.Command(City), "--serve", "false", "--Grid:Data", City.DataFolder!];
        return ServerProcess.RunAsync("demo", Gateway, demo, Folder, MaxCity, stop);
    }

    private Task StartAsync(string name, CancellationToken stop) =>
        name switch
        {
            Contender.Ceiling => ServeAsync(name, Repository.Self, ["ceiling"], "/ceiling", stop),
            Contender.Grid => StartGridAsync(stop),
            Contender.GridCluster => StartGridClusterAsync(stop),
            Contender.Redis => StartRedisAsync(stop),
            Contender.Postgres => StartPostgresAsync(stop),
            Contender.Orleans => ServeAsync(name, Baselines, ["bare"], "/readyz", stop),
            Contender.OrleansCluster => StartBareClusterAsync(stop),
            _ => throw new LoadException($"'{name}' is not a contender"),
        };

    private Task StartGridAsync(CancellationToken stop)
    {
        _cities[Contender.Grid] = City;
        return ServeAsync(Contender.Grid, Gateway, ["--Grid:Data", City.DataFolder!], "/readyz", stop);
    }

    private async Task StartGridClusterAsync(CancellationToken stop)
    {
        var commands = new ClusterCommands(Gateway, Repository.Silo(_options.Silo), _options.Stage.Residents);
        var folder = Path.Combine(Folder, Contender.GridCluster);
        Directory.CreateDirectory(folder);
        var city = await CityDatabase.MakeAsync(commands, folder, stop);
        _running.Push(city);
        var cluster = await LocalCluster.StartAsync(
            commands,
            await city.CopyAsync("grid", stop),
            folder,
            silos: 1,
            _http,
            stop
        );
        _running.Push(cluster);
        _cities[Contender.GridCluster] = _options.Stage with { DataFolder = city.Data };
        _servers[Contender.GridCluster] = (
            cluster.Server.Port,
            [.. cluster.Members.Select(member => member.Pid), .. city.Pids]
        );
    }

    private async Task StartRedisAsync(CancellationToken stop)
    {
        var redis = await RedisProcess.StartAsync(Path.Combine(Folder, "redis"), isDurable: true, stop);
        _running.Push(redis);
        await StartRowsAsync(Contender.Redis, redis.Address, redis.Pid, stop);
    }

    private async Task StartPostgresAsync(CancellationToken stop)
    {
        var postgres = await PostgresCluster.StartAsync(Path.Combine(Folder, "postgres"), stop);
        _running.Push(postgres);
        var database = await postgres.CreateDatabaseAsync("baseline", null, stop);
        await StartRowsAsync(Contender.Postgres, database, postgres.Pid, stop);
    }

    private async Task StartRowsAsync(string name, string address, int pid, CancellationToken stop)
    {
        _cities[name] = City;
        await ServeAsync(name, Baselines, [name, address, "--Grid:Data", City.DataFolder!], "/readyz", stop);
        _servers[name] = (_servers[name].Port, [.. _servers[name].Pids, pid]);
    }

    private async Task StartBareClusterAsync(CancellationToken stop)
    {
        const string Silo = "orleans-silo";
        var redis = await RedisProcess.StartAsync(Path.Combine(Folder, "bare-members-redis"), isDurable: false, stop);
        _running.Push(redis);
        await ServeAsync(Silo, Baselines, ["bare-silo", redis.Address], "/readyz", stop);
        await ServeAsync(Contender.OrleansCluster, Baselines, ["bare-gateway", redis.Address], "/readyz", stop);
        var (port, pids) = _servers[Contender.OrleansCluster];
        _servers[Contender.OrleansCluster] = (port, [.. pids, .. _servers[Silo].Pids]);
    }

    private async Task ServeAsync(string name, string dll, string[] arguments, string readyPath, CancellationToken stop)
    {
        var port = ServerProcess.FreePort();
        var url = $"http://127.0.0.1:{port}";
        var command = ServerProcess.Dotnet(dll, [.. arguments, "--urls", url]);
        var server = ServerProcess.Start(name, command, Path.Combine(Folder, $"{name}.log"));
        _running.Push(server);
        _servers[name] = (port, [server.Pid]);
        await server.UntilReadyAsync(port, _cities.ContainsKey(name) ? MaxCity : MaxStart, stop, cancel =>
            ServerProcess.IsOkAsync(_http, url + readyPath, cancel)
        );
    }

    /// <summary>Prepares the contenders of a scenario.</summary>
    public async Task<IReadOnlyList<Contender>> PrepareAsync(string scenario, LoadPlan plan, CancellationToken stop)
    {
        var contenders = new List<Contender>();
        await EndStagesAsync();
        foreach (var name in _options.Contenders.Where(name => Contender.Plays(name, scenario)))
        {
            contenders.Add(
                _cities.TryGetValue(name, out var city)
                    ? await CityAsync(name, city, scenario, plan, stop)
                    : Bare(name, plan)
            );
        }
        return contenders;
    }

    private Contender Bare(string name, LoadPlan plan)
    {
        var (port, pids) = _servers[name];
        var host = HostOf(port);
        var ids =
            name == Contender.Ceiling
                ? null
                : new PackedText(ResidentList.Read(ResidentList.FileOf(City), _options.Stage.Residents));
        return new Contender
        {
            Name = name,
            Port = port,
            Pids = pids,
            SourceOfWorker = worker =>
                ids is null
                    ? new GetSource(host, Ceiling.Path)
                    : new BareDisplaySource(
                        host,
                        ids,
                        new ZipfSampler(ids.Count, _options.Stage.Zipf, plan.Seed + worker)
                    ),
            ForWrk = () =>
                ids is null ? WrkTexts.Gets(host, [Ceiling.Path]) : WrkTexts.Gets(host, BareDisplaySource.Paths(ids)),
        };
    }

    private async Task<Contender> CityAsync(
        string name,
        StageOptions city,
        string scenario,
        LoadPlan plan,
        CancellationToken stop
    )
    {
        var (port, pids) = _servers[name];
        var own = plan with { Server = new IPEndPoint(IPAddress.Loopback, port) };
        var stage = await GridStage.PrepareAsync(city, own, scenario, _log, stop);
        _stages.Add(stage);
        return new Contender
        {
            Name = name,
            Port = port,
            Pids = pids,
            SourceOfWorker = worker => stage.SourceOf(scenario, worker),
            BeforeRoundAsync = stage.RenewAsync,
            ForWrk = () => WrkTexts.Of(scenario, HostOf(port), stage),
        };
    }

    private static string HostOf(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

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
