using Grid.Tests.Cluster;
using Grid.Tests.Crash;
using Xunit.Abstractions;

namespace Grid.Tests.Upgrade;

/// <summary>
/// The previous release and this one in one cluster, as an operator upgrades: silo by silo, then the gateway, while
/// people show codes, doors scan and laboratories report; then one silo is downgraded.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class RollingUpgradeTests(FormerRelease former, ITestOutputHelper output) : IClassFixture<FormerRelease>
{
    private const int Silos = 3;
    private const int RepeatsOfAPhase = 40;

    // A silo that leaves interrupts its residents for 0.5 s; a busy machine that starts a process adds to it.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(8);

    [UpgradeFact]
    public async Task Silos_upgrade_one_by_one_and_one_downgrades()
    {
        var (from, to) = (await former.ProgramsAsync(), AppContext.BaseDirectory);
        using var house = new ClusterHouse();
        var silos = new List<GridProcess>();
        // The first silo creates the keys and the schemas.
        for (var number = 0; number < Silos; number++)
            silos.Add(await StartAsync(house, from));
        var gateway = house.Add(GridProcess.GatewayOf(from, [.. house.Settings, "--Grid:Role", "Gateway"]));
        await gateway.ReadyAsync();
        await house.SeesAsync(silos[0], Silos + 1);
        var load = new ClusterLoad(gateway.Http, house.Folder) { Logs = house.Said };
        await load.PrepareAsync();
        await load.WhileAsync(async () =>
        {
            for (var number = 0; number < Silos; number++)
                await PhaseAsync($"silo {number + 1} is new", load, () => ReplaceAsync(house, silos, number, to));
            await PhaseAsync("the gateway is new", load, async () =>
            {
                var next = house.Gateway("Gateway");
                await next.ReadyAsync();
                load.GoBy(next.Http);
                Assert.Equal(0, await gateway.StopAsync());
            });
            await PhaseAsync("the last silo is old again", load, () => ReplaceAsync(house, silos, Silos - 1, from));
        });
        await load.CheckAsync();
    }

    /// <summary>Replaces something, then checks that everything acknowledged is unchanged.</summary>
    private async Task PhaseAsync(string name, ClusterLoad load, Func<Task> replaceAsync)
    {
        load.TakeSilence();
        var told = load.Told;
        await replaceAsync();
        await load.UntilAsync(load.Told + ClusterLoad.Workers);
        await load.CheckAsync(RepeatsOfAPhase);
        var silence = load.TakeSilence();
        output.WriteLine(
            $"{name}: {load.Told - told} stories, longest silence {silence.TotalMilliseconds:F0} ms, "
                + $"{load.Refusals} refused so far, slowest request {load.SlowestOne}"
        );
        Assert.True(
            silence < MaxSilence,
            $"{name}: a resident had no answer for {silence}.\n{string.Join('\n', load.Remarks)}"
        );
    }

    private static async Task ReplaceAsync(ClusterHouse house, List<GridProcess> silos, int number, string programs)
    {
        Assert.Equal(0, await silos[number].StopAsync());
        silos[number] = await StartAsync(house, programs);
        await house.SeesAsync(silos[number], Silos + 1);
    }

    private static async Task<GridProcess> StartAsync(ClusterHouse house, string programs)
    {
        var silo = house.Add(GridProcess.SiloOf(programs, house.Settings));
        await silo.ReadyAsync();
        return silo;
    }
}
