using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>
/// Private Redis and PostgreSQL servers with the demo city, created once and copied for each cluster. All clusters
/// share the keys of one data folder, so that one token works everywhere.
/// </summary>
internal sealed class CityDatabase : IAsyncDisposable
{
    private const string Template = "city";
    private static readonly TimeSpan MaxMake = TimeSpan.FromMinutes(30);

    private readonly RedisProcess _redis;
    private readonly PostgresCluster _postgres;

    private CityDatabase(RedisProcess redis, PostgresCluster postgres, string data) =>
        (_redis, _postgres, Data) = (redis, postgres, data);

    /// <summary>The folder of the keys and of the list of residents.</summary>
    public string Data { get; }

    public IReadOnlyList<int> Pids => [_redis.Pid, _postgres.Pid];

    /// <param name="commands">Creates the city.</param>
    /// <param name="folder">Receives the servers' folders, the data folder and the logs.</param>
    /// <param name="stop">Cancels the creation.</param>
    public static async Task<CityDatabase> MakeAsync(ClusterCommands commands, string folder, CancellationToken stop)
    {
        var redis = await RedisProcess.StartAsync(Path.Combine(folder, "members-redis"), isDurable: false, stop);
        PostgresCluster? postgres = null;
        try
        {
            postgres = await PostgresCluster.StartAsync(Path.Combine(folder, "state-postgres"), stop);
            var city = new CityDatabase(redis, postgres, Path.Combine(folder, Template));
            var database = await postgres.CreateDatabaseAsync(Template, null, stop);
            await ServerProcess.RunAsync(
                "demo",
                commands.Gateway,
                commands.Demo(city.Data, database),
                folder,
                MaxMake,
                stop
            );
            return city;
        }
        catch
        {
            if (postgres is not null)
                await postgres.DisposeAsync();
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Copies the city for one more cluster.</summary>
    public async Task<ClusterPlace> CopyAsync(string id, CancellationToken stop) =>
        new(Data, _redis.Address, await _postgres.CreateDatabaseAsync(id, Template, stop), id);

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
