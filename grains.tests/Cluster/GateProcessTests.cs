using System.Net;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>The gate and the peer watch on real processes.</summary>
[Collection(ClusterCollection.Name)]
public sealed class GateProcessTests(ITestOutputHelper output)
{
    private const int People = 16;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(20);
    // Measured 0.3 to 1.2 s; the machine of a test is shared.
    private static readonly TimeSpan MaxSilenceAfterKill = TimeSpan.FromSeconds(5);

    [RedisFact]
    public async Task A_killed_silo_is_found_by_its_broken_connections_and_its_residents_answer_in_the_other()
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync();
        var load = new ClusterLoad(gateway.Http, house.Folder) { Logs = house.Said };
        await load.PrepareAsync();
        var people = await load.BeginAsync(People);
        await load.WhileAsync(async () =>
        {
            var watch = new DisplayWatch(gateway.Http, load, people);
            second.Kill();
            await house.SeesAsync(first, 2);
            foreach (var person in people)
            {
                await load.EndAsync(person);
                watch.MustBeRed(person);
            }

            await watch.StopAsync();
            output.WriteLine($"killed: {watch.Interrupted} of {People} interrupted, {watch.Silence.TotalSeconds:F2} s at worst, longest display {watch.Slowest.TotalSeconds:F2} s, {watch.Refused} refused");
            Assert.True(watch.Silence < MaxSilenceAfterKill, $"Somebody was without an answer for {watch.Silence}.\n{house.Said()}");
        });
        await load.CheckAsync();
        Assert.True(await KilledBy(first) + await KilledBy(gateway) > 0, house.Said());

        static async Task<double> KilledBy(Crash.GridProcess member) => await member.MetricAsync("grid_cluster_peers_killed_total") ?? 0;
    }

    [RedisFact]
    public async Task A_silo_that_hears_neither_of_Redis_nor_of_the_other_shows_nothing_and_goes_on_when_the_other_answers()
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
        await house.EventuallyAsync(async () => await first.MetricAsync("grid_cluster_gate_open") == 0, "the gate is shut");
        using (var refused = await first.Http.SendAsync(load.AnyDisplay()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        second.Thaw();
        await house.EventuallyAsync(async () =>
        {
            using var shown = await first.Http.SendAsync(load.AnyDisplay());
            return shown.IsSuccessStatusCode;
        }, "displays go on");
        Assert.False(first.HasExited || second.HasExited, house.Said());
        house.Redis.Start();
        await load.CheckAsync();
    }

    [RedisFact]
    public async Task While_Redis_is_dead_for_everybody_displays_go_on()
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync();
        var load = new ClusterLoad(gateway.Http, house.Folder) { Logs = house.Said };
        await load.PrepareAsync();
        await load.WhileAsync(static () => Task.CompletedTask);
        house.Redis.Kill();
        var shown = await load.DisplaysWhileAsync(() => Task.Delay(Outage));
        var refused = shown.Count(static each => each.Status != HttpStatusCode.OK);
        output.WriteLine($"Redis dead for {Outage}: {shown.Count} displays, {refused} refused, the slowest took {shown.Max(static each => each.Took).TotalMilliseconds:F0} ms");
        house.Redis.Start();
        Assert.True(refused == 0, $"{refused} of {shown.Count} displays were refused.\n{house.Said()}");
        Assert.False(first.HasExited || second.HasExited || gateway.HasExited, house.Said());
        await load.WhileAsync(static () => Task.CompletedTask);
        await load.CheckAsync();
    }
}
