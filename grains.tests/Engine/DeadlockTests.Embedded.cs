using Grid.Engine.Hosting;
using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>Cycles of calls are reported by the embedded engine, which names the chain; Orleans lets them time out.</summary>
public sealed partial class DeadlockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_cycle_of_calls_is_reported_long_before_its_time_out(int length)
    {
        await using var silo = await StartAsync();
        var keys = Enumerable.Range(0, length).Select(number => $"{Guid.NewGuid()}-{number}").ToArray();
        var call = silo.Grains.GetGrain<IChainGrain>(keys[0]).Forward([.. keys[1..], keys[0]]);
        await Within(Gates.Came(keys[^1]), "the last of the cycle");
        await Report(silo, call);
        var error = await Assert.ThrowsAsync<GrainDeadlockException>(() => Within(call, "report"));
        Assert.All(keys, key => Assert.Contains($"chain/{key} Forward", error.Message));
    }

    [Fact]
    public async Task Grains_go_on_after_a_deadlock()
    {
        await using var silo = await StartAsync();
        var key = Guid.NewGuid().ToString();
        var grain = silo.Grains.GetGrain<IChainGrain>(key);
        var call = grain.Forward([key]);
        await Within(Gates.Came(key), "inside");
        await Report(silo, call);
        await Assert.ThrowsAsync<GrainDeadlockException>(() => Within(call, "report"));
        Assert.Equal(key, await Within(grain.Forward([]), "next call"));
    }

    // Lets time pass until the call has ended, but not as much as its time-out.
    private static async Task Report(GrainFixture silo, Task call)
    {
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(20) && !call.IsCompleted; passed += s_step)
        {
            silo.Advance(s_step);
            await Task.Yield();
        }
    }
}
