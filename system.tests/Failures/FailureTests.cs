using System.Diagnostics;
using System.Net;
using Grid.Tests.Cluster;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Failures;

/// <summary>
/// One failure for each test, on real processes under load. Exact: no acknowledged fact is lost, no display shows less
/// than was known, and each scan id has one row. The times are bounds for a busy machine; <c>bench/failures</c>
/// measures them.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class FailureTests(ITestOutputHelper output)
{
    private static readonly TimeSpan MaxCall = 2 * Target.Call;
    private static readonly TimeSpan MaxAgain = TimeSpan.FromSeconds(10);

    // The residents of a silo that dies while Redis is away wait until Redis is back.
    private static readonly TimeSpan MaxAgainWithoutTarget = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxSilenceAfterAllSilos = TimeSpan.FromMinutes(4);

    [CampaignFact]
    public Task The_residents_of_a_killed_silo_answer_again() => SurvivesAsync("kill");

    [CampaignFact]
    public Task A_silo_that_is_stopped_leaves_in_order() => SurvivesAsync("stop");

    [CampaignFact]
    public Task A_frozen_silo_shows_nothing_stale_when_it_resumes() => SurvivesAsync("freeze");

    [CampaignFact]
    public Task A_silo_that_joins_takes_its_share() => SurvivesAsync("join");

    [CampaignFact]
    public Task A_killed_gateway_interrupts_no_resident() => SurvivesAsync("gateway");

    [CampaignFact]
    public Task While_Redis_is_gone_residents_in_memory_are_shown() => SurvivesAsync("redis");

    [CampaignFact]
    public Task While_PostgreSQL_is_dead_residents_in_memory_are_shown() => SurvivesAsync("postgres-kill");

    [CampaignFact]
    public Task While_PostgreSQL_is_frozen_residents_in_memory_are_shown() => SurvivesAsync("postgres-freeze");

    [DiskCampaignFact]
    public Task While_the_disk_of_PostgreSQL_is_full_residents_in_memory_are_shown() => SurvivesAsync("disk-full");

    [CampaignFact]
    public Task A_silo_that_is_killed_while_Redis_is_down_loses_nothing() => SurvivesAsync("kill-redis");

    [CampaignFact]
    public Task A_silo_that_is_killed_while_Redis_is_frozen_loses_nothing() => SurvivesAsync("kill-redis-frozen");

    [CampaignFact]
    public Task The_third_silo_takes_over_from_two_that_are_killed_at_once() => SurvivesAsync("kill-two");

    [NetworkFact]
    public Task Two_silos_that_cannot_reach_each_other_lose_nothing() => SurvivesAsync("cut-silos");

    [NetworkFact]
    public Task A_silo_that_cannot_reach_Redis_shows_nothing_stale() => SurvivesAsync("cut-redis");

    [NetworkFact]
    public Task A_silo_that_cannot_reach_PostgreSQL_loses_nothing() => SurvivesAsync("cut-postgres");

    [NetworkFact]
    public Task A_silo_that_is_cut_off_shows_nothing_stale() => SurvivesAsync("cut-all");

    [CampaignFact]
    public async Task When_every_silo_is_killed_callers_are_refused_and_a_new_silo_has_everything()
    {
        using var house = new ClusterHouse();
        var (first, second, gateway) = await house.StartTwoAsync();
        var load = new ClusterLoad(gateway.Http, house.Folder) { Logs = house.Said };
        await load.PrepareAsync();
        await load.WhileAsync(static () => Task.CompletedTask);
        first.Kill();
        second.Kill();
        using (var refused = await gateway.Http.SendAsync(load.AnyDisplay()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        // The gateway alone is no majority to declare both dead: the joining silo waits until their entries in the
        // table expire.
        var since = Stopwatch.StartNew();
        house.Silo();
        await house.EventuallyAsync(
            async () =>
            {
                using var answer = await gateway.Http.SendAsync(load.AnyDisplay());
                return answer.IsSuccessStatusCode;
            },
            "a display is answered",
            MaxSilenceAfterAllSilos
        );
        output.WriteLine($"all silos killed: served again {since.Elapsed.TotalSeconds:F1} s after one was started");
        await load.CheckAsync();
    }

    private async Task SurvivesAsync(string name)
    {
        var failure = FailureList.Named(name);
        var run = await FailureRun.RunAsync(failure, RunPlan.Short());
        output.WriteLine(FailureTable.Line(new FailureRuns(failure, "Grid's", [run])));
        output.WriteLine(
            $"{run.Interrupted} watchers interrupted, {run.Scans} scans, {run.Member.Calls} + {run.Client.Calls} calls"
        );
        var remarks = string.Join('\n', run.Remarks);
        Assert.True(run.Recovered, $"Not every resident is served again.\n{remarks}");
        Assert.Equal((0, 0, 0, 0, ""), (run.Old, run.Lost, run.Wrong, run.Ended, remarks));
        Assert.True(run.Member.LongestCall < MaxCall, $"A call took {run.Member.LongestCall}.");
        var maxAgain = failure.Target == FailureList.SafetyAlone ? MaxAgainWithoutTarget : MaxAgain;
        Assert.True(run.Again < maxAgain, $"A resident was without an answer for {run.Again}.");
        if (failure.Target.DisplaysGoOn)
            Assert.Equal(0, run.Member.DisplaysRefused);
    }
}

/// <summary>A failure of the full campaign that needs a disk of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DiskCampaignFactAttribute : FactAttribute
{
    public DiskCampaignFactAttribute() => Skip = CampaignFactAttribute.Reason ?? new SmallDiskFactAttribute().Skip;
}
