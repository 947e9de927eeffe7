using System.Net;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>The gate and the peer watch on real processes.</summary>
[Collection(ClusterCollection.Name)]
public sealed class GateProcessTests
{
    [RedisFact]
    public async Task A_killed_silo_is_found_by_its_broken_connections()
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync();
        second.Kill();
        await house.SeesAsync(first, 2);
        Assert.True(await KilledBy(first) + await KilledBy(gateway) > 0, house.Said());

        static async Task<double> KilledBy(Crash.GridProcess member) =>
            await member.MetricAsync("grid_cluster_peers_killed_total") ?? 0;
    }

    [RedisFact]
    public async Task A_silo_cut_off_from_Redis_and_its_peer_shows_nothing_until_the_peer_answers()
    {
        using var house = new ClusterHouse();
        var first = house.Gateway("All");
        await first.ReadyAsync();
        var second = house.Gateway("All");
        await second.ReadyAsync();
        await house.SeesAsync(first, 2);
        var load = new ClusterLoad(first.Http, house.Folder) { Logs = house.Said };
        await load.PrepareAsync();
        await load.WhileAsync(static () => Task.CompletedTask);

        second.Freeze();
        house.Redis.Kill();
        await house.EventuallyAsync(
            async () => await first.MetricAsync("grid_cluster_gate_open") == 0,
            "the gate is shut"
        );
        using (var refused = await first.Http.SendAsync(load.AnyDisplay()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        second.Thaw();
        await house.EventuallyAsync(
            async () =>
            {
                using var shown = await first.Http.SendAsync(load.AnyDisplay());
                return shown.IsSuccessStatusCode;
            },
            "displays go on"
        );
        Assert.False(first.HasExited || second.HasExited, house.Said());
        house.Redis.Start();
        await load.CheckAsync();
    }
}
