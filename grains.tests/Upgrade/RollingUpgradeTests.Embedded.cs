using System.Diagnostics;
using System.Text.RegularExpressions;
using Grid.Codec;
using Grid.Engine.Cluster;
using Grid.Silo.Cluster;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;
using Grid.Tests.Cluster;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Upgrade;

/// <summary>
/// The release before this one and this one in one cluster, as an operator brings one to the other: silo by silo, then the
/// gateway, while people show codes, doors scan and laboratories report.
/// </summary>
[Collection(PostgresCollection.Name)]
public sealed class RollingUpgradeTests(FormerRelease former, PostgresServer server, ITestOutputHelper output)
    : ClusterRun, IClassFixture<FormerRelease>
{
    // Longer than any silence that is allowed: a silo that did not hand over would be waited for until its lease is over.
    private const string LongLease = "--Grid:Cluster:Lease=00:00:15";
    private const int RepeatsOfAPhase = 40;
    private static readonly TimeSpan s_silenceMax = TimeSpan.FromSeconds(8);
    private static readonly string[] s_names = ["anton", "berta", "caesar"];

    private readonly Dictionary<string, (ClusterProcess Process, bool IsNew)> _silos = [];
    private string[] _settings = [LongLease];

    [UpgradeFact]
    public Task Silos_over_a_folder_go_to_this_release_one_by_one_and_one_goes_back() => UpgradeAsync(async () =>
    {
        using var store = new FolderMembership(Path.Combine(Folder, "cluster"));
        return await store.ReadAsync(default);
    });

    [UpgradeFact(onPostgres: true)]
    public async Task Silos_over_PostgreSQL_go_to_this_release_one_by_one_and_one_goes_back()
    {
        var database = server.CreateDatabase();
        // A busy machine takes its time to let a silo in.
        _settings = [LongLease, $"--Grid:Postgres={database}", "--Grid:PostgresStore:ConnectTimeout=00:00:10", "--Grid:Cluster:Tls:Enabled=false"];
        using var store = new PostgresMembership(database, TimeSpan.FromSeconds(5));
        await UpgradeAsync(() => store.ReadAsync(default));
    }

    [UpgradeFact]
    public async Task The_release_before_does_not_join_over_a_newer_schema_and_changes_nothing()
    {
        var programs = await former.ProgramsAsync();
        var silo = Add(ClusterProcess.SiloOf(programs, Folder, "anton", _settings));
        await silo.ReadyAsync();
        await silo.StopAsync();
        var file = Path.Combine(Folder, "store", "grid-07.db");
        var newer = StoreSchema.Current.Version + 1;
        using (var database = new SqliteDatabase(file, readOnly: false, TimeSpan.FromSeconds(5)))
            database.Execute($"PRAGMA user_version = {newer}");

        var late = Add(ClusterProcess.SiloOf(programs, Folder, "anton", _settings));
        Assert.NotEqual(0, await late.EndAsync());
        Assert.Contains($"grid-07.db has schema {newer}", late.Said, StringComparison.Ordinal);
        using var membership = new FolderMembership(Path.Combine(Folder, "cluster"));
        Assert.Empty((await membership.ReadAsync(default))!.Members);
    }

    private async Task UpgradeAsync(Func<Task<ClusterView?>> viewAsync)
    {
        var (from, to) = (await former.ProgramsAsync(), AppContext.BaseDirectory);
        var clock = Stopwatch.StartNew();
        foreach (var name in s_names)
            await StartAsync(name, from, isNew: false);
        var gateway = Add(ClusterProcess.GatewayOf(from, Folder, _settings));
        await gateway.ReadyAsync();
        await SettledAsync(viewAsync);
        var load = new ClusterLoad(gateway.Http, Folder) { Logs = Said };
        await load.PrepareAsync();
        Tell("began", load, clock);
        await load.WhileAsync(async () =>
        {
            foreach (var name in s_names)
                await PhaseAsync($"{name} is new", load, viewAsync, clock, () => ReplaceAsync(name, to, isNew: true));
            await PhaseAsync("the gateway is new", load, viewAsync, clock, async () =>
            {
                var next = Add(ClusterProcess.GatewayOf(to, Folder, _settings));
                await next.ReadyAsync();
                load.GoBy(next.Http);
                await gateway.StopAsync();
            });
            await OnlySpeaksNowAsync();
            await PhaseAsync("caesar is old again", load, viewAsync, clock, () => ReplaceAsync("caesar", from, isNew: false));
        });
        await load.CheckAsync();
        Tell("ended", load, clock);
    }

    /// <summary>Something is replaced, and then everybody talks with everybody and everything acknowledged is as it was.</summary>
    private async Task PhaseAsync(string name, ClusterLoad load, Func<Task<ClusterView?>> viewAsync, Stopwatch clock, Func<Task> replaceAsync)
    {
        await replaceAsync();
        await SettledAsync(viewAsync);
        if (_silos.Values.Select(static silo => silo.IsNew).Distinct().Count() == 2)
        {
            await BothSpeakTheOlderAsync();
            await CrossedAsync(load, viewAsync);
        }

        await load.CheckAsync(RepeatsOfAPhase);
        var silence = load.TakeSilence();
        Tell($"{name}, longest silence {silence.TotalMilliseconds:F0} ms", load, clock);
        Assert.True(silence < s_silenceMax, $"{name}: somebody had no answer for {silence}.\n{string.Join('\n', load.Remarks)}");
    }

    private async Task ReplaceAsync(string name, string programs, bool isNew)
    {
        await _silos[name].Process.StopAsync();
        await StartAsync(name, programs, isNew);
    }

    private async Task StartAsync(string name, string programs, bool isNew)
    {
        var silo = Add(ClusterProcess.SiloOf(programs, Folder, name, _settings));
        _silos[name] = (silo, isNew);
        await silo.ReadyAsync();
    }

    private Task SettledAsync(Func<Task<ClusterView?>> viewAsync) => EventuallyAsync(
        async () => await viewAsync() is { } view && s_names.All(name => UnitsOf(view, name) >= view.Units.Length / s_names.Length),
        "every silo has its share");

    /// <summary>
    /// Results were brought by tubes of an old silo to residents of a new one and the other way round, each by a call that was
    /// acknowledged when it was durable there. A change of the view, and so perhaps of who owns what, begins it anew.
    /// </summary>
    private Task CrossedAsync(ClusterLoad load, Func<Task<ClusterView?>> viewAsync)
    {
        var (version, from) = (-1L, 0);
        return EventuallyAsync(
            async () =>
            {
                var results = load.ResultsFrom(from).ToArray();
                var view = (await viewAsync())!;
                if (view.Version == version)
                    return CrossedBothWays(view, results);
                // Those under way now may have begun before.
                (version, from) = (view.Version, load.Told + ClusterLoad.Callers);
                return false;
            },
            "results crossed from an old silo to a new one and the other way round");
    }

    private bool CrossedBothWays(ClusterView view, (string TubeId, Guid Resident)[] results)
    {
        var ways = results.Select(result => (From: IsNew(view, Partitions.Of(result.TubeId)), To: IsNew(view, Partitions.Of(result.Resident)))).ToArray();
        return ways.Contains((false, true)) && ways.Contains((true, false));
    }

    private bool IsNew(ClusterView view, int partition) =>
        _silos[view.OwnerOf(PartitionMap.UnitOf(partition, view.Units.Length))!.Id.Name].IsNew;

    /// <summary>A new silo says of its connections which are of which release, and that the older protocol is spoken with the older one.</summary>
    private Task BothSpeakTheOlderAsync() => EventuallyAsync(
        async () =>
        {
            var spoken = new List<(string Release, string Protocol)>();
            foreach (var (process, _) in _silos.Values.Where(static silo => silo.IsNew))
                spoken.AddRange(await SpokenAsync(process));
            Assert.DoesNotContain(spoken, static each => each.Release == FormerRelease.Version && each.Protocol != "1");
            return spoken.Contains((FormerRelease.Version, "1"));
        },
        "a new silo speaks the older protocol with an old one");

    private async Task OnlySpeaksNowAsync()
    {
        foreach (var (process, _) in _silos.Values)
            await EventuallyAsync(
                async () => await SpokenAsync(process) is { Count: > 0 } spoken && spoken.All(static each => each == (FormerRelease.VersionNow, "2")),
                "a silo speaks the newer protocol with all, when all are new");
    }

    private static async Task<List<(string Release, string Protocol)>> SpokenAsync(ClusterProcess process) =>
        [.. Regex.Matches(await process.Http.GetStringAsync("/metrics"), "(?m)^grid_wire_releases\\{protocol=\"(\\d+)\",release=\"([^\"]*)\"\\} [1-9]")
            .Select(static each => (each.Groups[2].Value, each.Groups[1].Value))];

    private void Tell(string what, ClusterLoad load, Stopwatch clock) => output.WriteLine(
        $"{clock.Elapsed.TotalSeconds,5:F1} s: {what}; {load.Told} stories, {load.Requests} requests, {load.Refusals} told to come later, the slowest took {load.Slowest.TotalMilliseconds:F0} ms");
}
