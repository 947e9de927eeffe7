using System.Diagnostics;
using System.Net;
using Grid.Engine.Cluster;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>Silos as processes over one data folder, reached through a gateway without grains.</summary>
public sealed class ClusterTests(ITestOutputHelper output) : ClusterRun
{
    // Of a busy machine's processes one may not be given a processor for a second: what is not about a lease has a long one.
    private const string LongLease = "--Grid:Cluster:Lease=00:00:04";
    private static readonly string[] s_patient =
    [
        LongLease, "--Grid:Silo:ResponseTimeout=00:00:20", "--Grid:Cluster:CallTimeout=00:00:20", "--Grid:Cluster:WaitMax=00:00:19",
        "--Grid:Store:WriteTimeout=00:00:19", "--Grid:Store:BusyTimeout=00:00:19",
    ];
    private static readonly TimeSpan s_answerMax = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Silos_join_and_leave_and_nobody_is_refused()
    {
        // Who waits is not refused, however long a busy machine makes it.
        var (_, berta, load) = await StartAsync(s_patient);
        Assert.Equal(8, UnitsOf(await ViewAsync(), "berta"));
        await load.WhileAsync(async () =>
        {
            var caesar = Add(ClusterProcess.Silo(Folder, "caesar", s_patient));
            await caesar.ReadyAsync();
            await EventuallyAsync(async () => UnitsOf(await ViewAsync(), "caesar") >= 5, "the third silo has its share");
            await berta.StopAsync();
            Assert.DoesNotContain((await ViewAsync()).Members, member => member.Id.Name == "berta");
        });
        await load.CheckAsync();
        Tell(load);
        Assert.True(load.Refusals == 0, string.Join('\n', load.Remarks));
    }

    [Theory]
    [InlineData("true", ClusterProcess.BatchPolicy)]
    [InlineData("false", ClusterProcess.UsualPolicy)]
    public async Task The_threads_of_a_silo_are_scheduled_as_it_is_told(string batch, int policy)
    {
        var anton = Add(ClusterProcess.Silo(Folder, "anton", $"--Grid:Silo:BatchScheduling={batch}"));
        await anton.ReadyAsync();
        if (OperatingSystem.IsLinux())
            await EventuallyAsync(() => Task.FromResult(anton.Policies().All(each => each == policy)), "all its threads have the policy");
    }

    [Fact]
    public async Task What_a_killed_silo_had_answered_is_there_and_its_residents_answer_again()
    {
        var (_, berta, load) = await StartAsync(LongLease);
        await load.WhileAsync(async () =>
        {
            berta.Kill();
            await EventuallyAsync(async () => UnitsOf(await ViewAsync(), "anton") == 16, "the other silo has all units");
        });
        await load.CheckAsync();
        Tell(load);
        Assert.True(load.Slowest < s_answerMax, $"A request took {load.Slowest}.");
    }

    [Fact]
    public async Task A_silo_that_stood_still_answers_nothing_of_before_and_joins_anew()
    {
        var (_, berta, load) = await StartAsync("--Grid:Cluster:Lease=00:00:01");
        var first = IncarnationOf(await ViewAsync(), "berta");
        await load.WhileAsync(async () =>
        {
            berta.Freeze();
            await EventuallyAsync(async () => UnitsOf(await ViewAsync(), "anton") == 16, "the silo that stands still is taken out");
            // Time for what it had to become old.
            await load.UntilAsync(load.Told + 12);
            berta.Thaw();
            await EventuallyAsync(async () =>
            {
                // Frozen in the middle of a commit it was in the way of the next owner, and was ended: then it is started again.
                if (berta.HasExited)
                    berta = Add(ClusterProcess.Silo(Folder, "berta", "--Grid:Cluster:Lease=00:00:01"));
                return IncarnationOf(await ViewAsync(), "berta") > first;
            }, "it joins with a new life");
            await EventuallyAsync(async () => UnitsOf(await ViewAsync(), "berta") == 8, "it has its share again");
        });
        await load.CheckAsync();
        Tell(load);
        Assert.True(load.Slowest < s_answerMax, $"A request took {load.Slowest}.");
    }

    [Fact]
    public async Task Without_a_silo_callers_hear_soon_that_they_should_come_later_and_everything_is_there_when_it_does()
    {
        var (anton, berta, load) = await StartAsync(LongLease);
        await load.WhileAsync(() => Task.CompletedTask);
        anton.Kill();
        berta.Kill();

        var gateway = Processes[^1];
        var from = Stopwatch.GetTimestamp();
        using (var answer = await gateway.Http.PostAsync("/v1/sessions/challenge", null))
            Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        using (var refused = await gateway.Http.SendAsync(load.AnyDisplay()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Contains("\"code\":\"", await refused.Content.ReadAsStringAsync());
        }

        Assert.True(Stopwatch.GetElapsedTime(from) < s_answerMax);
        await EventuallyAsync(async () => !await gateway.IsReadyAsync(), "the gateway is not ready any more");

        // Nobody left in order; whoever comes first takes everything over. A gateway may be that silo too.
        var dora = Add(ClusterProcess.JoinedGateway(Folder, "dora"));
        await dora.ReadyAsync();
        await gateway.ReadyAsync();
        Assert.Equal(16, UnitsOf(await ViewAsync(), "dora"));
        await load.CheckAsync();
    }

    [Fact]
    public async Task The_process_of_a_frozen_silo_is_ended_when_it_stands_in_the_way()
    {
        var anton = Add(ClusterProcess.Silo(Folder, "anton", LongLease));
        await anton.ReadyAsync();
        var id = (await ViewAsync()).Members.Single().Id;
        anton.Freeze();
        using var store = new FolderMembership(Path.Combine(Folder, "cluster"));
        Assert.Empty((await store.ObserveAsync(default)).Gone);
        Assert.False(await store.EndAsync(id with { Incarnation = 1 }, default));
        Assert.True(await store.EndAsync(id, default));
        await EventuallyAsync(() => Task.FromResult(anton.HasExited), "the process has ended");
        await EventuallyAsync(async () => (await store.ObserveAsync(default)).Gone.Contains(id), "its lock is free");
        Assert.False(await store.EndAsync(id, default));
    }

    [Fact]
    public async Task A_folder_that_a_lone_process_serves_is_no_clusters_and_the_other_way_round()
    {
        var (_, _, _) = await StartAsync(LongLease);
        var alone = await GatewayCommand.RunAsync("demo", "--residents", "10", "--serve", "false", "--Grid:Data", Folder);
        Assert.Equal(1, alone.ExitCode);
        Assert.Contains("is written by another process", alone.Error);
    }

    private async Task<(ClusterProcess Anton, ClusterProcess Berta, ClusterLoad Load)> StartAsync(params string[] settings)
    {
        var anton = Add(ClusterProcess.Silo(Folder, "anton", settings));
        var berta = Add(ClusterProcess.Silo(Folder, "berta", settings));
        var gateway = Add(ClusterProcess.Gateway(Folder, settings));
        await Task.WhenAll(anton.ReadyAsync(), berta.ReadyAsync(), gateway.ReadyAsync());
        await EventuallyAsync(async () => UnitsOf(await ViewAsync(), "anton") == 8 && UnitsOf(await ViewAsync(), "berta") == 8, "both silos have their share");
        var load = new ClusterLoad(gateway.Http, Folder) { Logs = Said };
        await load.PrepareAsync();
        return (anton, berta, load);
    }

    private async Task<ClusterView> ViewAsync()
    {
        using var store = new FolderMembership(Path.Combine(Folder, "cluster"));
        return await store.ReadAsync(default) ?? ClusterView.Empty(ClusterOptions.FilesDefault);
    }

    private static long IncarnationOf(ClusterView view, string name) =>
        view.Members.FirstOrDefault(member => member.Id.Name == name)?.Id.Incarnation ?? 0;

    private void Tell(ClusterLoad load) =>
        output.WriteLine($"{load.Told} stories, {load.Requests} requests, {load.Refusals} of them told to come later, the slowest took {load.Slowest.TotalMilliseconds:F0} ms\n{string.Join('\n', load.Remarks)}");
}
