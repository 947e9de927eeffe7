using System.Collections.Concurrent;
using Grid.Residents;
using Grid.Silo.Cluster;
using Grid.Silo.Hosting;
using Grid.Silo.Stores.Sqlite;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;

namespace Grid.Tests.Cluster;

/// <summary>The ownership of partitions and their active residents while silos join and leave.</summary>
public sealed class OwnershipTests : IAsyncLifetime
{
    private const int People = 200;

    private readonly TemporaryFolder _folder = new();
    private IHost? _owner;
    private InProcessTestCluster? _cluster;
    private Guid[] _people = [];

    private InProcessTestCluster Cluster => _cluster!;

    public async Task InitializeAsync()
    {
        var owner = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        AddParts(owner);
        _owner = owner.Build();
        var store = _owner.Services.GetRequiredService<SqliteStore>();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSiloHost(
            (_, silo) =>
            {
                AddParts(silo);
                silo.Services.AddSingleton(store);
            }
        );
        builder.ConfigureSilo(static (_, silo) => silo.UseGridGrains());
        _cluster = builder.Build();
        await Cluster.DeployAsync();
        _people = [.. Enumerable.Range(0, People).Select(static _ => Guid.NewGuid())];
        foreach (var (number, person) in _people.Index())
        {
            var idNumber = IdNumber.Create(610113, new DateOnly(1960, 1, 1).AddDays(number), 1);
            await Resident(person)
                .Register(new Registration(idNumber, "张伟", PhoneNumber.Parse("13900000000"), 610113));
        }
    }

    public async Task DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
        _owner!.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_joining_silo_gets_its_share_of_partitions_and_residents_without_a_call()
    {
        var first = Cluster.Silos[0];
        Assert.Equal((People, People), (Views(first).Count, Ownership(first).Activations));

        var second = await Cluster.StartAdditionalSiloAsync();
        await SettledAsync(2);

        Assert.All([first, second], silo => Assert.InRange(Ownership(silo).Serving, 300, 724));
        var own = Map(second).Own().ToHashSet();
        Assert.Equal(_people.Count(person => own.Contains(Partitions.Of(person))), Views(second).Count);
        Assert.Equal(People, Views(first).Count + Views(second).Count);
        await EverybodyIsShownAsync();
    }

    [Fact]
    public async Task A_stopping_silo_hands_its_residents_over_first()
    {
        var first = Cluster.Silos[0];
        var second = await Cluster.StartAdditionalSiloAsync();
        await SettledAsync(2);
        Assert.NotEqual(0, Views(second).Count);

        await Cluster.StopSiloAsync(second);

        Assert.Equal(Partitions.Count, Ownership(first).Serving);
        Assert.Equal(People, Views(first).Count);
        await EverybodyIsShownAsync();
    }

    [Fact]
    public async Task A_silo_that_dies_during_a_takeover_leaves_no_partition_without_an_owner()
    {
        var second = await Cluster.StartAdditionalSiloAsync();
        await Cluster.KillSiloAsync(second);

        await SettledAsync(1);
        await EverybodyIsShownAsync();
    }

    [Fact]
    public async Task No_change_is_refused_or_lost_while_silos_join_and_leave()
    {
        using var stop = new CancellationTokenSource();
        var done = new ConcurrentDictionary<Guid, PhoneNumber>();
        var callers = Enumerable
            .Range(0, 8)
            .Select(lane =>
                Task.Run(async () =>
                {
                    for (var round = 0; !stop.IsCancellationRequested; round++)
                    {
                        for (var i = lane; i < People; i += 8)
                        {
                            // A new phone in each round, so that each change must be stored.
                            var phone = PhoneNumber.Parse($"139{round:00000000}");
                            await Resident(_people[i])
                                .Change(new ProfileChange(null, phone, null, "desk-1", "a new one"));
                            done[_people[i]] = phone;
                        }
                    }
                })
            )
            .ToArray();

        var second = await Cluster.StartAdditionalSiloAsync();
        await SettledAsync(2);
        var third = await Cluster.StartAdditionalSiloAsync();
        await SettledAsync(3);
        await Cluster.StopSiloAsync(second);
        await Cluster.StopSiloAsync(third);
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        foreach (var (person, phone) in done)
            Assert.True(await Resident(person).HasPhone(phone));
    }

    private static PartitionOwnership Ownership(InProcessSiloHandle silo) =>
        silo.ServiceProvider.GetRequiredService<PartitionOwnership>();

    private static PartitionMap Map(InProcessSiloHandle silo) =>
        silo.ServiceProvider.GetRequiredService<PartitionMap>();

    private static ResidentViews Views(InProcessSiloHandle silo) =>
        silo.ServiceProvider.GetRequiredService<ResidentViews>();

    private IResidentGrain Resident(Guid key) => Cluster.Client.GetGrain<IResidentGrain>(key);

    private async Task EverybodyIsShownAsync()
    {
        foreach (var person in _people)
            Assert.True((await Resident(person).Show()).Registered);
    }

    // Every partition is served by its owner in the map.
    private Task SettledAsync(int silos) =>
        Waiting.UntilAsync(
            () =>
                Cluster.Silos.Count == silos
                && Cluster.Silos.All(silo =>
                    Map(silo).Hosts().Length == silos && Map(silo).Own().Length == Ownership(silo).Serving
                )
                && Cluster.Silos.Sum(silo => Ownership(silo).Serving) == Partitions.Count,
            "every partition is with its silo"
        );

    private void AddParts(IHostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection([new("Grid:Data", _folder.Path)]);
        builder.AddSiloParts();
    }
}
