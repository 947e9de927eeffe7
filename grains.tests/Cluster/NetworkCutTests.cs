using System.Diagnostics;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>
/// Two members with grains, a gateway, and Redis and PostgreSQL, each in a network of its own, and the ways between them cut: packets
/// are gone and nobody is told. Through the gateway everything that holds for other failures holds here too. A member that is cut
/// off is asked at its own door as well; Orleans lets it answer on, so what it shows there is counted, not yet refused.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class NetworkCutTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int People = 32;
    private const int StoriesAfter = 12;
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan MaxCall = TimeSpan.FromSeconds(12);

    private readonly CuttableNetwork _network = new();
    private CuttableNetwork.Machine _servers = null!;
    private CuttableNetwork.Machine _cut = null!;
    private CuttableNetwork.Machine _other = null!;
    private ClusterHouse _house = null!;
    private GridProcess _member = null!;
    private GridProcess _gateway = null!;
    private ClusterLoad _load = null!;

    public async Task InitializeAsync()
    {
        if (new NetworkFactAttribute().Skip is not null)
            return;
        _servers = _network.Add();
        _house = new ClusterHouse(new RedisServer(_servers.Inside, _servers.Address, 6379), new PostgresServer(_servers.Inside, _servers.Address));
        (_other, _cut) = (_network.Add(), _network.Add());
        await Start(_other, "All").ReadyAsync();
        (_member, _gateway) = (Start(_cut, "All"), Start(_network.Add(), "Gateway"));
        await Task.WhenAll(_member.ReadyAsync(), _gateway.ReadyAsync());
        await _house.SeesAsync(_gateway, 3);
        _load = new ClusterLoad(_gateway.Http, _house.Folder) { Logs = _house.Said };
        await _load.PrepareAsync();
    }

    public Task DisposeAsync()
    {
        _house?.Dispose();
        _network.Dispose();
        return Task.CompletedTask;
    }

    [NetworkFact]
    public Task Of_two_silos_that_cannot_reach_each_other_one_is_taken_out() => CutAsync(
        "cut between two silos", () => CuttableNetwork.Cut(_cut, _other), () => CuttableNetwork.Heal(_cut, _other), isExpelled: false);

    private static readonly TimeSpan s_cutLasts = TimeSpan.FromSeconds(5);

    [NetworkFact]
    public Task A_silo_that_cannot_reach_the_servers_loses_nothing_that_was_acknowledged() => CutAsync(
        "cut between a silo and Redis and PostgreSQL", () => CuttableNetwork.Cut(_cut, _servers), () => CuttableNetwork.Heal(_cut, _servers), isExpelled: false);

    [NetworkFact]
    public Task A_silo_that_can_reach_nobody_is_taken_out_and_ends_when_it_hears_of_it() => CutAsync(
        "cut between a silo and everybody", () => _network.Unplug(_cut), () => _network.PlugIn(_cut), isExpelled: true);

    private GridProcess Start(CuttableNetwork.Machine machine, string role) => _house.Add(GridProcess.On(
        machine, [.. _house.Settings, "--Grid:Role", role, "--Grid:Cluster:Address", machine.Address, "--Grid:Cluster:Tls:Off", "true"]));

    private async Task CutAsync(string name, Action cut, Action heal, bool isExpelled)
    {
        var people = await _load.BeginAsync(People);
        await _load.WhileAsync(async () =>
        {
            var atGateway = new DisplayWatch(_gateway.Http, _load, people);
            var atMember = new DisplayWatch(_member.Http, _load, people, countsOld: true);
            var since = Stopwatch.StartNew();
            cut();
            // Nobody takes out a silo that has lost its store alone: its residents' results wait until it is back.
            var whileCut = isExpelled ? People / 2 : 0;
            await Task.WhenAll(people.Take(whileCut).Select(person => EndAsync(person, atGateway, atMember)));
            if (isExpelled)
            {
                await _load.UntilAsync(_load.Told + StoriesAfter);
                await _house.SeesAsync(_gateway, 2);
            }
            else
            {
                await Task.Delay(s_cutLasts);
            }

            output.WriteLine($"{name}: served for {since.Elapsed.TotalSeconds:F1} s while it lasted");
            heal();
            await Task.WhenAll(people.Skip(whileCut).Select(person => EndAsync(person, atGateway, atMember)));
            if (isExpelled)
                Assert.NotEqual(0, await _member.EndAsync());
            await Task.WhenAll(atGateway.StopAsync(), atMember.StopAsync());
            Tell($"{name}, through the gateway", atGateway);
            Tell($"{name}, at the member that was cut off", atMember);
            Assert.True(atGateway.Silence < MaxSilence, $"Somebody was without an answer for {atGateway.Silence}.");
            Assert.True(atGateway.Slowest < MaxCall, $"A display took {atGateway.Slowest}.");
        });
        await _load.CheckAsync();
        output.WriteLine($"{_load.Told} stories acknowledged and none lost, {_load.Requests} requests, {_load.Refusals} refused, the slowest took {_load.SlowestOne}");
        Assert.True(_load.Slowest < MaxCall, $"A request took {_load.SlowestOne}");
    }

    private async Task EndAsync(ClusterLoad.Begun person, params DisplayWatch[] watches)
    {
        await _load.EndAsync(person);
        foreach (var watch in watches)
            watch.MustBeRed(person);
    }

    private void Tell(string where, DisplayWatch watch)
    {
        var silences = watch.Silences;
        output.WriteLine(
            $"{where}: {silences.Length} of {People} people interrupted, {(silences.Length == 0 ? 0 : silences[silences.Length / 2].TotalSeconds):F2} s in the median, {watch.Silence.TotalSeconds:F2} s at worst; "
            + $"longest display {watch.Slowest.TotalSeconds:F2} s; {watch.Shown} displays, {watch.Refused} refused, {watch.Old} old colours");
    }
}
