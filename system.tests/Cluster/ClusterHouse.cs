using Grid.Tests.Crash;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>
/// The processes of a test's cluster with their own Redis and PostgreSQL servers. Disposing ends all of them.
/// </summary>
internal sealed class ClusterHouse : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<GridProcess> _processes = [];

    internal ClusterHouse()
        : this(new RedisServer(), new PostgresServer()) { }

    internal ClusterHouse(RedisServer redis, PostgresServer postgres)
    {
        (Redis, Postgres) = (redis, postgres);
        Database = postgres.CreateDatabase();
    }

    internal RedisServer Redis { get; }

    internal PostgresServer Postgres { get; }

    internal string Database { get; }

    /// <summary>The folder of the programs; by default this build's.</summary>
    internal string Programs { get; init; } = AppContext.BaseDirectory;

    /// <summary>The folder of the keys, shared by every process of the cluster.</summary>
    internal string Folder => _folder.Path;

    /// <summary>The settings of each process.</summary>
    internal string[] Settings =>
        [
            "--Grid:Data",
            Folder,
            "--Grid:Cluster:Redis",
            Redis.ConnectionString,
            "--Grid:Postgres",
            Postgres.FromTheNetwork(Database),
        ];

    /// <summary>The last output of each process.</summary>
    internal string Said() => string.Join("\n---\n", _processes.Select(static process => process.Log));

    internal GridProcess Silo(params string[] settings) =>
        Add(GridProcess.SiloOf(Programs, [.. Settings, .. settings]));

    /// <summary>Starts the gateway's program in a role.</summary>
    internal GridProcess Gateway(string role, params string[] settings) =>
        Add(GridProcess.GatewayOf(Programs, [.. Settings, "--Grid:Role", role, .. settings]));

    internal GridProcess Add(GridProcess process)
    {
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts two silos and a gateway; returns when all are ready and see each other.</summary>
    internal async Task<(GridProcess First, GridProcess Second, GridProcess Gateway)> StartTwoAsync(
        string role = "Gateway",
        params string[] settings
    )
    {
        // The first silo creates the keys and the schemas.
        var first = Silo(settings);
        await first.ReadyAsync();
        var (second, gateway) = (Silo(settings), Gateway(role, settings));
        await Task.WhenAll(second.ReadyAsync(), gateway.ReadyAsync());
        await SeesAsync(first, role == "Client" ? 2 : 3);
        return (first, second, gateway);
    }

    /// <summary>Waits until a member sees this number of members, gateways included.</summary>
    internal Task SeesAsync(GridProcess member, int members) =>
        EventuallyAsync(
            async () => await member.MetricAsync("grid_cluster_members") == members,
            $"a member sees {members} members"
        );

    internal Task EventuallyAsync(Func<Task<bool>> holds, string what, TimeSpan? patience = null) =>
        Waiting.UntilAsync(holds, what, patience ?? Patience, Said);

    public void Dispose()
    {
        _processes.ForEach(static process => process.Dispose());
        Redis.Dispose();
        Postgres.Dispose();
        _folder.Dispose();
    }
}

/// <summary>
/// Tests of a cluster's processes: they run one at a time, because each needs all of the machine's cores.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterCollection
{
    internal const string Name = "cluster";
}
