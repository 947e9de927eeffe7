using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>Silos as processes that share nothing but a PostgreSQL server and a key ring.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresClusterTests(PostgresServer server, ITestOutputHelper output) : ClusterRun
{
    // A connection's time-out, the call's, and what a busy machine adds.
    private static readonly TimeSpan s_refusedMax = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_outage = TimeSpan.FromSeconds(9);

    [PostgresFact]
    public async Task While_the_database_stalls_every_silo_shows_who_is_in_memory()
    {
        using var mortal = new PostgresServer();
        await DisplaysGoOnAsync(mortal, mortal.Freeze, mortal.Thaw);
    }

    [PostgresFact]
    public async Task While_the_database_is_dead_every_silo_shows_who_is_in_memory()
    {
        using var mortal = new PostgresServer();
        await DisplaysGoOnAsync(mortal, mortal.Kill, mortal.Start);
    }

    [PostgresFact]
    public async Task Nothing_is_lost_when_one_of_two_silos_is_killed()
    {
        var database = server.CreateDatabase();
        using var membership = new PostgresMembership(database, TimeSpan.FromSeconds(5));
        var (_, berta, gateway) = await StartTwoAsync(database, membership, "--Grid:Cluster:Lease=00:00:02");
        var load = new ClusterLoad(gateway.Http, Folder) { Logs = Said };
        await load.PrepareAsync();
        await load.WhileAsync(async () =>
        {
            berta.Kill();
            await EventuallyAsync(async () => UnitsOf(await membership.ReadAsync(default), "anton") == 64, "the other silo has all units");
        });
        await load.CheckAsync();
        output.WriteLine($"{load.Told} stories, {load.Requests} requests, {load.Refusals} told to come later, the slowest took {load.Slowest.TotalMilliseconds:F0} ms");
    }

    [PostgresFact]
    public async Task A_gateway_whose_key_ring_is_no_copy_of_the_silos_is_refused_and_registers_nobody()
    {
        string[] settings = [$"--Grid:Postgres={server.CreateDatabase()}", "--Grid:Cluster:Tls:Enabled=false", "--Grid:Cluster:Lease=00:00:04"];
        var silo = Add(ClusterProcess.Silo(Folder, "anton", settings));
        await silo.ReadyAsync();
        // Its folder is empty: it makes a ring of its own, as one does on a machine that nobody copied the ring to.
        var stranger = Add(ClusterProcess.Gateway(Path.Combine(Folder, "elsewhere"), settings));
        await stranger.ReadyAsync();
        var person = new { idNumber = "610113199001010019", name = "测试", phone = "13900000000", district = "610113" };
        using var answer = await stranger.Http.PostAsJsonAsync("/v1/residents", person);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Matches("(?m)^grid_wire_refused_total\\{reason=\"grid\"\\} [1-9]", await silo.Http.GetStringAsync("/metrics"));
    }

    /// <summary>Two silos with half of the units each, and a gateway.</summary>
    private async Task<(ClusterProcess Anton, ClusterProcess Berta, ClusterProcess Gateway)> StartTwoAsync(
        string database, PostgresMembership membership, string lease)
    {
        string[] settings = [$"--Grid:Postgres={database}", "--Grid:Cluster:Tls:Enabled=false", lease];
        var anton = Add(ClusterProcess.Silo(Folder, "anton", settings));
        await anton.ReadyAsync();
        var berta = Add(ClusterProcess.Silo(Folder, "berta", settings));
        var gateway = Add(ClusterProcess.Gateway(Folder, settings));
        await Task.WhenAll(berta.ReadyAsync(), gateway.ReadyAsync());
        await EventuallyAsync(async () => UnitsOf(await membership.ReadAsync(default), "berta") == 32, "the second silo has its half");
        return (anton, berta, gateway);
    }

    private async Task DisplaysGoOnAsync(PostgresServer mortal, Action stop, Action goOn)
    {
        var database = mortal.CreateDatabase();
        using var membership = new PostgresMembership(database, TimeSpan.FromSeconds(5));
        var (anton, berta, gateway) = await StartTwoAsync(database, membership, "--Grid:Cluster:Lease=00:00:04");
        var load = new ClusterLoad(gateway.Http, Folder) { Logs = Said };
        await load.PrepareAsync();
        await load.WhileAsync(static () => Task.CompletedTask);
        var before = (await membership.ReadAsync(default))!;

        stop();
        IReadOnlyList<ClusterLoad.Once> shown;
        try
        {
            shown = await load.DisplaysWhileAsync(() => ScansAreRefusedAsync(load));
            Assert.True(await gateway.IsReadyAsync());
        }
        finally
        {
            goOn();
        }

        var refused = shown.Where(static each => each.Status != HttpStatusCode.OK).ToArray();
        output.WriteLine($"{shown.Count} displays, {refused.Length} refused, the slowest took {shown.Max(static each => each.Took).TotalMilliseconds:F0} ms");
        Assert.True(refused.Length == 0, $"{refused.Length} of {shown.Count}: {refused.FirstOrDefault()}\n{anton.Said}");

        // The grid recovers by itself, and nothing was replaced.
        await load.WhileAsync(static () => Task.CompletedTask);
        await load.CheckAsync();
        await EventuallyAsync(async () => (await load.ScanOnceAsync("S-outage-1")).Status == HttpStatusCode.OK, "a scan that was refused is taken");
        // The connections of before the server's death are dead too.
        using var again = new PostgresMembership(database, TimeSpan.FromSeconds(5));
        var after = (await again.ReadAsync(default))!;
        Assert.Equal(before.Members.Select(static member => member.Id), after.Members.Select(static member => member.Id));
        Assert.Equal(before.Units.Select(static unit => unit.Epoch), after.Units.Select(static unit => unit.Epoch));
        Assert.False(anton.HasExited || berta.HasExited || gateway.HasExited);
    }

    private static async Task ScansAreRefusedAsync(ClusterLoad load)
    {
        var since = Stopwatch.StartNew();
        for (var number = 1; since.Elapsed < s_outage; number++)
        {
            var scan = await load.ScanOnceAsync($"S-outage-{number}");
            Assert.True(scan is { Status: HttpStatusCode.ServiceUnavailable, SaysWhen: true } && scan.Took < s_refusedMax, scan.ToString());
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }
}
