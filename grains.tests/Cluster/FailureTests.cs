using System.Net;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>
/// One failure a test, on real processes under load, with Orleans' own membership and directory. That no acknowledged fact is
/// lost, that nobody sees an old colour after an acknowledged change, and that a scan id has one row, is exact. The times are what
/// was measured (docs/benchmarks.md) and twice as much for a busy machine.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class FailureTests(ITestOutputHelper output)
{
    private const int People = 32;
    private const int StoriesAfter = 12;

    // A call ends when its silo is declared dead, or after Grid:Silo:ResponseTimeout (3 s), looked at once a second.
    private static readonly TimeSpan MaxCall = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxSilenceAfterKill = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MaxSilenceAfterFreeze = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan MaxSilenceOnLeaving = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxSilenceAfterAllSilos = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(9);

    [RedisFact]
    public Task A_silo_that_is_killed_loses_nothing_and_its_residents_answer_again() => FailAsync(
        "kill, gateway is a member", "Gateway", MaxSilenceAfterKill, async (house, run) =>
        {
            run.Second.Kill();
            await house.SeesAsync(run.First, 2);
        });

    [CampaignFact]
    public Task A_silo_that_is_killed_loses_nothing_for_a_client_either() => FailAsync(
        "kill, gateway is a client", "Client", MaxSilenceAfterKill, async (house, run) =>
        {
            run.Second.Kill();
            await house.SeesAsync(run.First, 1);
        });

    [CampaignFact]
    public Task A_silo_that_stands_still_shows_nothing_old_when_it_goes_on_and_ends_itself() => FailAsync(
        "freeze and thaw", "Gateway", MaxSilenceAfterFreeze, async (house, run) =>
        {
            run.Second.Freeze();
            await house.SeesAsync(run.First, 2);
            await run.Load.UntilAsync(run.Load.Told + StoriesAfter);
            run.Second.Thaw();
            Assert.NotEqual(0, await run.Second.EndAsync());
            Assert.Contains("The silo ends at once", run.Second.Log, StringComparison.Ordinal);
        });

    [CampaignFact]
    public Task A_silo_that_is_told_to_stop_leaves_and_nothing_is_lost() => FailAsync(
        "SIGTERM", "Gateway", MaxSilenceOnLeaving, async (house, run) =>
        {
            Assert.Equal(0, await run.Second.StopAsync());
            await house.SeesAsync(run.First, 2);
        });

    [CampaignFact]
    public Task A_silo_that_joins_takes_its_share_and_nothing_is_lost() => FailAsync(
        "join", "Gateway", MaxSilenceOnLeaving, async (house, run) =>
        {
            var third = house.Silo();
            await third.ReadyAsync();
            await house.SeesAsync(run.First, 4);
        });

    [CampaignFact]
    public Task A_gateway_member_that_is_killed_takes_no_resident_with_it() => FailAsync(
        "kill of another gateway", "Gateway", MaxSilenceAfterKill, async (house, run) =>
        {
            var other = house.Gateway("Gateway");
            await other.ReadyAsync();
            await house.SeesAsync(run.First, 4);
            other.Kill();
            await house.SeesAsync(run.First, 3);
        });

    [CampaignFact]
    public async Task While_Redis_is_gone_everybody_is_served_and_silos_join_again_when_it_is_back()
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync();
        var load = await LoadAsync(house, gateway);
        var people = await load.BeginAsync(People);
        await load.WhileAsync(async () =>
        {
            var watch = new DisplayWatch(gateway.Http, load, people);
            house.Redis.Kill();
            await Task.WhenAll(EndAllAsync(load, people, watch), Task.Delay(Outage));
            house.Redis.Start();
            await watch.StopAsync();
            Tell("Redis gone for 9 s", watch, load);
            Assert.True(watch.Silence < MaxCall, $"Somebody was without an answer for {watch.Silence}.");
        });
        await load.CheckAsync();
        Assert.False(first.HasExited || second.HasExited || gateway.HasExited, house.Said());
    }

    [CampaignFact]
    public Task While_PostgreSQL_is_dead_residents_in_memory_are_shown() => WithoutPostgresAsync("PostgreSQL killed for 9 s", static server => server.Kill(), static server => server.Start());

    [CampaignFact]
    public Task While_PostgreSQL_stands_still_residents_in_memory_are_shown() => WithoutPostgresAsync("PostgreSQL frozen for 9 s", static server => server.Freeze(), static server => server.Thaw());

    [CampaignFact]
    public async Task When_every_silo_is_killed_callers_are_told_to_come_later_and_everything_is_there_when_one_starts()
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync();
        var load = await LoadAsync(house, gateway);
        await load.WhileAsync(static () => Task.CompletedTask);
        first.Kill();
        second.Kill();
        using (var refused = await gateway.Http.SendAsync(load.AnyDisplay()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        // Alone, the gateway has no majority to declare both dead: the silo that joins waits until their marks in the table are old.
        var since = System.Diagnostics.Stopwatch.StartNew();
        house.Silo();
        await house.EventuallyAsync(async () =>
        {
            using var answer = await gateway.Http.SendAsync(load.AnyDisplay());
            return answer.IsSuccessStatusCode;
        }, "a display is answered", MaxSilenceAfterAllSilos);
        output.WriteLine($"all silos killed: served again {since.Elapsed.TotalSeconds:F1} s after one was started");
        await load.CheckAsync();
    }

    private async Task FailAsync(string name, string role, TimeSpan maxSilence, Func<ClusterHouse, Run, Task> fail)
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync(role);
        var load = await LoadAsync(house, gateway);
        var people = await load.BeginAsync(People);
        await load.WhileAsync(async () =>
        {
            var watch = new DisplayWatch(gateway.Http, load, people);
            // Half of the results come while the failure lasts, half after it.
            await Task.WhenAll(fail(house, new Run(first, second, load)), EndAllAsync(load, people[..(People / 2)], watch));
            await EndAllAsync(load, people[(People / 2)..], watch);
            await load.UntilAsync(load.Told + StoriesAfter);
            await watch.StopAsync();
            Tell(name, watch, load);
            Assert.True(watch.Silence < maxSilence, $"Somebody was without an answer for {watch.Silence}.");
            Assert.True(watch.Slowest < MaxCall, $"A display took {watch.Slowest}.");
        });
        await load.CheckAsync();
        Assert.True(load.Slowest < MaxCall, $"A request took {load.SlowestOne}");
        Assert.Equal(load.ScansSent, PostgresServer.Scalar<long>(house.Database, "SELECT count(*) FROM visits"));
    }

    private async Task WithoutPostgresAsync(string name, Action<PostgresServer> stop, Action<PostgresServer> goOn)
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync();
        var load = await LoadAsync(house, gateway);
        await load.WhileAsync(static () => Task.CompletedTask);
        stop(house.Postgres);
        IReadOnlyList<ClusterLoad.Once> shown;
        try
        {
            shown = await load.DisplaysWhileAsync(async () =>
            {
                var since = System.Diagnostics.Stopwatch.StartNew();
                for (var number = 1; since.Elapsed < Outage; number++)
                {
                    var scan = await load.ScanOnceAsync($"S-outage-{number}");
                    Assert.True(scan is { Status: HttpStatusCode.ServiceUnavailable, SaysWhen: true } && scan.Took < MaxCall, scan.ToString());
                }
            });
            Assert.True(await gateway.IsReadyAsync());
        }
        finally
        {
            goOn(house.Postgres);
        }

        var refused = shown.Where(static each => each.Status != HttpStatusCode.OK).ToArray();
        output.WriteLine($"{name}: {shown.Count} displays, {refused.Length} refused, the slowest took {shown.Max(static each => each.Took).TotalMilliseconds:F0} ms");
        Assert.True(refused.Length == 0, $"{refused.Length} of {shown.Count}: {refused.FirstOrDefault()}\n{first.Log}");
        await load.WhileAsync(static () => Task.CompletedTask);
        await load.CheckAsync();
        await house.EventuallyAsync(async () => (await load.ScanOnceAsync("S-outage-1")).Status == HttpStatusCode.OK, "a scan that was refused is taken");
        Assert.False(first.HasExited || second.HasExited || gateway.HasExited);
    }

    private static async Task<ClusterLoad> LoadAsync(ClusterHouse house, GridProcess gateway)
    {
        var load = new ClusterLoad(gateway.Http, house.Folder) { Logs = house.Said };
        await load.PrepareAsync();
        return load;
    }

    private static Task EndAllAsync(ClusterLoad load, IEnumerable<ClusterLoad.Begun> people, DisplayWatch watch) => Task.WhenAll(people.Select(async person =>
    {
        await load.EndAsync(person);
        watch.MustBeRed(person);
    }));

    private void Tell(string name, DisplayWatch watch, ClusterLoad load)
    {
        var silences = watch.Silences;
        output.WriteLine(
            $"{name}: {silences.Length} of {People} people interrupted; answered again after {Median(silences).TotalSeconds:F2} s in the median, {watch.Silence.TotalSeconds:F2} s at worst; "
            + $"longest display {watch.Slowest.TotalSeconds:F2} s, longest call {load.SlowestOne}; {watch.Shown} displays, {watch.Refused} refused; "
            + $"{load.Told} stories, {load.Requests} requests, {load.Refusals} refused");
    }

    private static TimeSpan Median(TimeSpan[] sorted) => sorted.Length == 0 ? TimeSpan.Zero : sorted[sorted.Length / 2];

    private sealed record Run(GridProcess First, GridProcess Second, ClusterLoad Load);
}
