using System.Diagnostics;
using Grid.Engine.Cluster;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>Silos as processes that share nothing but a PostgreSQL server and a key ring.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresClusterTests(PostgresServer server, ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly List<ClusterProcess> _processes = [];

    public void Dispose()
    {
        _processes.ForEach(static process => process.Dispose());
        _folder.Dispose();
    }

    [PostgresFact]
    public async Task Nothing_is_lost_when_one_of_two_silos_is_killed()
    {
        var database = server.CreateDatabase();
        string[] settings = [$"--Grid:Postgres={database}", "--Grid:Cluster:Tls:Enabled=false", "--Grid:Cluster:Lease=00:00:02"];
        var anton = Add(ClusterProcess.Silo(_folder.Path, "anton", settings));
        await anton.ReadyAsync();
        var berta = Add(ClusterProcess.Silo(_folder.Path, "berta", settings));
        var gateway = Add(ClusterProcess.Gateway(_folder.Path, settings));
        await Task.WhenAll(berta.ReadyAsync(), gateway.ReadyAsync());
        using var membership = new PostgresMembership(database, TimeSpan.FromSeconds(5));
        await EventuallyAsync(async () => UnitsOf(await membership.ReadAsync(default), "berta") == 32, "the second silo has its half");

        var load = new ClusterLoad(gateway.Http, _folder.Path);
        await load.PrepareAsync();
        await load.WhileAsync(async () =>
        {
            berta.Kill();
            await EventuallyAsync(async () => UnitsOf(await membership.ReadAsync(default), "anton") == 64, "the other silo has all units");
        });
        await load.CheckAsync();
        output.WriteLine($"{load.Told} stories, {load.Requests} requests, {load.Refusals} told to come later, the slowest took {load.Slowest.TotalMilliseconds:F0} ms");
    }

    private static int UnitsOf(ClusterView? view, string name) => view is null ? 0
        : Enumerable.Range(0, view.Units.Length).Count(unit => view.OwnerOf(unit)?.Id.Name == name);

    private ClusterProcess Add(ClusterProcess process)
    {
        _processes.Add(process);
        return process;
    }

    private async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(waited.Elapsed < s_patience, $"Not within {s_patience}: {what}.\n{string.Join("\n---\n", _processes.Select(static process => process.Said))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}
