using Grid.Tests.Cluster;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Failures;

/// <summary>What a failure needs of the machine.</summary>
[Flags]
internal enum Needs
{
    None = 0,

    /// <summary>
    /// Every process in a network of its own, so that links between them can be cut: root and iproute2.
    /// </summary>
    OwnNetworks = 1,

    /// <summary>PostgreSQL on a disk that can be filled: root.</summary>
    SmallDisk = 2,

    /// <summary>
    /// The silos serve HTTP too (role All), so that the answers of a failed silo's own port are checked.
    /// </summary>
    Doors = 4,

    /// <summary>A second member gateway.</summary>
    TwoGateways = 8,
}

/// <summary>
/// The processes of one run: Redis, PostgreSQL, silos, a gateway that is a member and one that is a client.
/// </summary>
internal sealed class FailureCity : IDisposable
{
    private const int DiskMebibytes = 256;

    private readonly Needs _needs;
    private readonly string[] _settings;
    private readonly CuttableNetwork? _network;
    private readonly List<CuttableNetwork.Machine> _siloMachines = [];
    private readonly List<GridProcess> _silos = [];
    private readonly CuttableNetwork.Machine? _redisMachine;
    private readonly CuttableNetwork.Machine? _postgresMachine;

    private FailureCity(Needs needs, RunPlan plan)
    {
        (_needs, _settings) = (needs, plan.Settings);
        if (needs.HasFlag(Needs.OwnNetworks))
        {
            _network = new CuttableNetwork();
            (_redisMachine, _postgresMachine) = (_network.Add(), _network.Add());
            House = new ClusterHouse(
                new RedisServer(_redisMachine.Inside, _redisMachine.Address, 6379),
                new PostgresServer(_postgresMachine.Inside, _postgresMachine.Address)
            )
            {
                Programs = plan.Programs,
            };
            return;
        }

        if (needs.HasFlag(Needs.SmallDisk))
            Disk = new SmallDisk(DiskMebibytes);
        House = new ClusterHouse(new RedisServer(), Disk is null ? new PostgresServer() : new PostgresServer(Disk.Path))
        {
            Programs = plan.Programs,
        };
    }

    internal ClusterHouse House { get; }

    /// <summary>The settings of each process.</summary>
    internal string[] Settings => [.. House.Settings, .. _settings];

    internal SmallDisk? Disk { get; }

    internal IReadOnlyList<GridProcess> Silos => _silos;

    /// <summary>The silo that fails.</summary>
    internal GridProcess Victim => _silos[^1];

    /// <summary>The gateways, members first.</summary>
    internal List<(GridProcess Process, Entrance Entrance)> Gateways { get; } = [];

    /// <summary>The failing silo's own HTTP port, if it has one.</summary>
    internal Entrance? Door { get; private set; }

    internal IEnumerable<Entrance> Entrances => Gateways.Select(static gateway => gateway.Entrance);

    /// <summary>Starts everything; returns when all are ready and see each other.</summary>
    internal static async Task<FailureCity> StartAsync(Needs needs, int silos, RunPlan plan)
    {
        var city = new FailureCity(needs, plan);
        try
        {
            // The first silo creates the keys and the schemas.
            await city.AddSilo().ReadyAsync();
            while (city._silos.Count < silos)
                city.AddSilo();
            city.AddGateway("Gateway", EntranceKind.Member);
            if (needs.HasFlag(Needs.TwoGateways))
                city.AddGateway("Gateway", EntranceKind.Member);
            city.AddGateway("Client", EntranceKind.Client);
            if (needs.HasFlag(Needs.Doors))
                city.Door = new Entrance("the failed silo's door", EntranceKind.Door, city.Victim.Http);
            await Task.WhenAll(
                city._silos.Concat(city.Gateways.Select(static gateway => gateway.Process))
                    .Select(static process => process.ReadyAsync())
            );
            foreach (var member in city._silos)
                await city.House.SeesAsync(
                    member,
                    silos + city.Entrances.Count(static entrance => entrance.Kind == EntranceKind.Member)
                );
            return city;
        }
        catch
        {
            city.Dispose();
            throw;
        }
    }

    /// <summary>Starts one more silo without waiting for it.</summary>
    internal GridProcess AddSilo()
    {
        var silo =
            _network is not null || _needs.HasFlag(Needs.Doors) ? Process("All", _siloMachines) : House.Silo(_settings);
        _silos.Add(silo);
        return silo;
    }

    internal void CutSilos() => CuttableNetwork.Cut(_siloMachines[0], _siloMachines[^1]);

    internal void HealSilos() => CuttableNetwork.Heal(_siloMachines[0], _siloMachines[^1]);

    internal void CutRedis() => CuttableNetwork.Cut(_siloMachines[^1], _redisMachine!);

    internal void HealRedis() => CuttableNetwork.Heal(_siloMachines[^1], _redisMachine!);

    internal void CutPostgres() => CuttableNetwork.Cut(_siloMachines[^1], _postgresMachine!);

    internal void HealPostgres() => CuttableNetwork.Heal(_siloMachines[^1], _postgresMachine!);

    internal void CutAll() => _network!.Unplug(_siloMachines[^1]);

    internal void HealAll() => _network!.PlugIn(_siloMachines[^1]);

    public void Dispose()
    {
        House.Dispose();
        _network?.Dispose();
        Disk?.Dispose();
    }

    private void AddGateway(string role, EntranceKind kind)
    {
        var process = Process(role, []);
        var number = Gateways.Count(each => each.Entrance.Kind == kind) + 1;
        Gateways.Add(
            (
                process,
                new Entrance(
                    $"{(kind == EntranceKind.Member ? "member" : "client")} gateway {number}",
                    kind,
                    process.Http
                )
            )
        );
    }

    private GridProcess Process(string role, List<CuttableNetwork.Machine> machines)
    {
        if (_network is null)
            return House.Gateway(role, _settings);
        var machine = _network.Add();
        machines.Add(machine);
        return House.Add(
            GridProcess.On(
                machine,
                House.Programs,
                [
                    .. House.Settings,
                    "--Grid:Role",
                    role,
                    "--Grid:Cluster:Address",
                    machine.Address,
                    "--Grid:Cluster:Tls:Off",
                    "true",
                    .. _settings,
                ]
            )
        );
    }
}
