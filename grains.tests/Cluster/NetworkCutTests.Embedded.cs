using System.Diagnostics;
using Grid.Engine.Cluster;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Cluster;

/// <summary>
/// Two silos, a gateway and PostgreSQL, each in a network of its own, and the ways between them cut: what is sent there is gone,
/// and nobody is told. Whoever looks sits at the machine of the process that he asks, so that a silo which is cut off is asked too.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class NetworkCutTests(ITestOutputHelper output) : ClusterRun, IAsyncLifetime
{
    private const int People = 32;
    private const int Units = 64;

    // The targets are 3 s and 2 s; the rest is what a busy machine adds.
    private static readonly TimeSpan s_silenceMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_answerMax = TimeSpan.FromSeconds(4);

    private readonly CuttableNetwork _network = new();
    private CuttableNetwork.Machine _databaseMachine = null!;
    private CuttableNetwork.Machine _antonsMachine = null!;
    private CuttableNetwork.Machine _bertasMachine = null!;
    private PostgresServer _server = null!;
    private PostgresMembership _membership = null!;
    private ClusterProcess _anton = null!;
    private ClusterProcess _gateway = null!;
    private ClusterLoad _load = null!;

    public async Task InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch
        {
            // Who was not made ready is not asked to clean up.
            await DisposeAsync();
            throw;
        }
    }

    public Task DisposeAsync()
    {
        _membership?.Dispose();
        _server?.Dispose();
        _network.Dispose();
        return Task.CompletedTask;
    }

    [NetworkFact]
    public Task Of_two_silos_that_cannot_reach_each_other_one_hands_over_and_both_serve_again_when_they_can() => CutAsync(
        () => CuttableNetwork.Cut(_antonsMachine, _bertasMachine),
        () => CuttableNetwork.Heal(_antonsMachine, _bertasMachine),
        heir: "anton");

    [NetworkFact]
    public Task A_silo_that_cannot_reach_the_database_shows_nothing_old_and_joins_again_when_it_can() => CutAsync(
        () => CuttableNetwork.Cut(_antonsMachine, _databaseMachine),
        () => CuttableNetwork.Heal(_antonsMachine, _databaseMachine),
        heir: "berta");

    [NetworkFact]
    public Task A_silo_that_can_reach_nobody_shows_nothing_old_and_joins_again_when_it_can() => CutAsync(
        () => _network.Unplug(_antonsMachine),
        () => _network.PlugIn(_antonsMachine),
        heir: "berta");

    private async Task StartAsync()
    {
        _databaseMachine = _network.Add();
        _server = new PostgresServer(_databaseMachine.Inside, _databaseMachine.Address);
        var database = _server.CreateDatabase();
        _membership = new PostgresMembership(database, TimeSpan.FromSeconds(5));
        string[] settings = [$"--Grid:Postgres={_server.FromTheNetwork(database)}", "--Grid:Cluster:Tls:Enabled=false"];
        (_antonsMachine, _bertasMachine) = (_network.Add(), _network.Add());
        _anton = Add(ClusterProcess.On(_antonsMachine, Folder, "Silo", "anton", settings));
        await _anton.ReadyAsync();
        var berta = Add(ClusterProcess.On(_bertasMachine, Folder, "Silo", "berta", settings));
        _gateway = Add(ClusterProcess.On(_network.Add(), Folder, "Client", "gateway", settings));
        await Task.WhenAll(berta.ReadyAsync(), _gateway.ReadyAsync());
        await SharedAsync();
        _load = new ClusterLoad(_gateway.Http, Folder) { Logs = Said, Doors = [_anton.Http, berta.Http] };
        await _load.PrepareAsync();
    }

    private async Task CutAsync(Action cut, Action heal, string heir)
    {
        var people = await _load.BeginAsync(People);
        await _load.WhileAsync(async () =>
        {
            var atGateway = new DisplayWatch(_gateway.Http, _load, people);
            var atAnton = new DisplayWatch(_anton.Http, _load, people);
            var since = Stopwatch.StartNew();
            cut();
            await EventuallyAsync(async () => UnitsOf(await _membership.ReadAsync(default), heir) == Units, $"{heir} has all units");
            output.WriteLine($"{heir} has all units after {since.Elapsed.TotalSeconds:F2} s");
            await Task.WhenAll(people.Take(People / 2).Select(person => EndAsync(person, atGateway, atAnton)));
            await _load.UntilAsync(_load.Told + People);
            await atGateway.StopAsync();
            Tell("through the gateway while the cut lasts", atGateway);
            Assert.True(atGateway.Silence < s_silenceMax, $"Somebody was without an answer for {atGateway.Silence}.");

            var afterwards = new DisplayWatch(_gateway.Http, _load, people);
            since.Restart();
            heal();
            await SharedAsync();
            output.WriteLine($"both serve again after {since.Elapsed.TotalSeconds:F2} s");
            await Task.WhenAll(people.Skip(People / 2).Select(person => EndAsync(person, afterwards, atAnton)));
            await Task.WhenAll(afterwards.StopAsync(), atAnton.StopAsync());
            Tell("through the gateway after it", afterwards);
            Tell("through anton all the time", atAnton);
            Assert.All([atGateway, atAnton, afterwards], static watch => Assert.True(watch.Slowest < s_answerMax, $"A display took {watch.Slowest}."));
        });
        await _load.CheckAsync();
        output.WriteLine(
            $"{_load.Told} stories acknowledged and none lost, {_load.Requests} requests, {_load.Refusals} told to come later, "
            + $"{_load.AnsweredAtDoors} looked at through the silos, the slowest took {_load.SlowestOne}");
        Assert.True(_load.Slowest < s_answerMax, $"A request took {_load.SlowestOne}");
    }

    private async Task EndAsync(ClusterLoad.Begun person, params DisplayWatch[] watches)
    {
        await _load.EndAsync(person);
        foreach (var watch in watches)
            watch.MustBeRed(person);
    }

    private Task SharedAsync() => EventuallyAsync(
        async () => await _membership.ReadAsync(default) is { } view && UnitsOf(view, "anton") == Units / 2 && UnitsOf(view, "berta") == Units / 2,
        "both silos have their half");

    private void Tell(string where, DisplayWatch watch) => output.WriteLine(
        $"displays {where}: {watch.Shown} shown, {watch.Refused} refused; longest without one {watch.Silence.TotalSeconds:F2} s, after {watch.SilentFrom.TotalSeconds:F2} s; "
        + $"{watch.Interrupted} of {People} people for more than half a second, the slowest took {watch.Slowest.TotalMilliseconds:F0} ms");
}

/// <summary>Tests that measure how long something takes, one after the other, when no others run.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    internal const string Name = "alone";
}
