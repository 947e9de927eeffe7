using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>Silos as processes that share nothing but a PostgreSQL server and a key ring.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresClusterTests(PostgresServer server, ITestOutputHelper output) : ClusterRun
{
    [PostgresFact]
    public async Task Nothing_is_lost_when_one_of_two_silos_is_killed()
    {
        var database = server.CreateDatabase();
        string[] settings = [$"--Grid:Postgres={database}", "--Grid:Cluster:Tls:Enabled=false", "--Grid:Cluster:Lease=00:00:02"];
        var anton = Add(ClusterProcess.Silo(Folder, "anton", settings));
        await anton.ReadyAsync();
        var berta = Add(ClusterProcess.Silo(Folder, "berta", settings));
        var gateway = Add(ClusterProcess.Gateway(Folder, settings));
        await Task.WhenAll(berta.ReadyAsync(), gateway.ReadyAsync());
        using var membership = new PostgresMembership(database, TimeSpan.FromSeconds(5));
        await EventuallyAsync(async () => UnitsOf(await membership.ReadAsync(default), "berta") == 32, "the second silo has its half");

        var load = new ClusterLoad(gateway.Http, Folder);
        await load.PrepareAsync();
        await load.WhileAsync(async () =>
        {
            berta.Kill();
            await EventuallyAsync(async () => UnitsOf(await membership.ReadAsync(default), "anton") == 64, "the other silo has all units");
        });
        await load.CheckAsync();
        output.WriteLine($"{load.Told} stories, {load.Requests} requests, {load.Refusals} told to come later, the slowest took {load.Slowest.TotalMilliseconds:F0} ms");
    }
}
