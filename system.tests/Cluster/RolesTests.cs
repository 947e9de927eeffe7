using Grid.Gateway.Hosting;
using Grid.Silo.Cluster;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;
using Grid.Vaccination;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Cluster;

/// <summary>
/// Every role as a process, and one more member of their cluster in this process, which queries Orleans itself.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class RolesTests
{
    private const int Doses = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [RedisFact]
    public async Task Equal_processes_serve_the_same_city_and_gateways_and_clients_serve_it_without_hosting_a_grain()
    {
        using var house = new ClusterHouse();
        var first = house.Gateway("All");
        await first.ReadyAsync();
        GridProcess[] entrances = [first, house.Gateway("All"), house.Gateway("Gateway"), house.Gateway("Client")];
        await Task.WhenAll(entrances.Select(static entrance => entrance.ReadyAsync()));
        await house.SeesAsync(first, 3);
        foreach (var entrance in entrances)
        {
            var load = new ClusterLoad(entrance.Http, house.Folder)
            {
                Logs = house.Said,
                Doors = [.. entrances.Where(other => other != entrance).Select(static other => other.Http)],
            };
            await load.PrepareAsync();
            await load.WhileAsync(static () => Task.CompletedTask);
            await load.CheckAsync();
            Assert.True(load.AnsweredAtDoors > 0);
        }

        await using var observer = GatewayHost.Build([
            .. house.Settings,
            "--urls",
            "http://127.0.0.1:0",
            "--Grid:Role",
            "Gateway",
        ]);
        await observer.StartAsync().WaitAsync(Patience);
        await house.SeesAsync(first, 4);
        var map = observer.Services.GetRequiredService<PartitionMap>();
        await house.EventuallyAsync(() => Task.FromResult(map.IsComplete), "the observer knows what the members host");
        var hosts = map.Hosts();
        Assert.Equal(2, hosts.Length);
        Assert.DoesNotContain(observer.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress, hosts);
        var all = await observer
            .Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IManagementGrain>(0)
            .GetDetailedGrainStatistics();
        // A gateway hosts membership services, but no grains.
        var places = all.Where(static grain =>
                grain.GrainType.StartsWith("Grid.", StringComparison.Ordinal)
                && !grain.GrainType.StartsWith("Grid.Silo.Cluster.", StringComparison.Ordinal)
            )
            .Select(static grain => grain.SiloAddress)
            .Distinct();
        Assert.Equal(hosts.Order(), places.Order());
        await observer.StopAsync().WaitAsync(Patience);
    }

    [RedisFact]
    public async Task Pending_work_of_a_killed_silo_is_finished_without_a_request()
    {
        using var house = new ClusterHouse();
        var mortal = house.Silo();
        await mortal.ReadyAsync();
        await using var heir = GatewayHost.Build([
            .. house.Settings,
            "--urls",
            "http://127.0.0.1:0",
            "--Grid:Role",
            "All",
        ]);
        await heir.StartAsync().WaitAsync(Patience);
        await house.SeesAsync(mortal, 2);
        // The rows that a silo leaves if it dies between the two writes of a fan-out. Both silos looked for such rows
        // at their start.
        var storage = heir.Services.GetRequiredKeyedService<IGrainStorage>("grid");
        var doses = Enumerable
            .Range(0, Doses)
            .Select(static number => GrainId.Create("dose", $"dose-{number}"))
            .ToArray();
        await Task.WhenAll(
            doses.Select(dose =>
                storage.WriteStateAsync(
                    "dose",
                    dose,
                    new GrainState<DoseState>(
                        new DoseState
                        {
                            Record = new DoseRecord(
                                $"{dose.Key}",
                                Guid.NewGuid(),
                                "VC-1",
                                1,
                                TimeProvider.System.GetUtcNow(),
                                "clinic-1"
                            ),
                        }
                    )
                )
            )
        );

        mortal.Kill();

        await house.EventuallyAsync(
            async () => !(await Task.WhenAll(doses.Select(IsPendingAsync))).Any(static isPending => isPending),
            "every dose is delivered"
        );
        await heir.StopAsync().WaitAsync(Patience);

        async Task<bool> IsPendingAsync(GrainId dose)
        {
            var state = new GrainState<DoseState>(new DoseState());
            await storage.ReadStateAsync("dose", dose, state);
            return state.State!.HasPendingWork;
        }
    }
}
