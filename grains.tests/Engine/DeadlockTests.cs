using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>What looks like a cycle of calls and is none.</summary>
public sealed partial class DeadlockTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_cycle_of_reads_is_none()
    {
        await using var silo = await StartAsync();
        var (first, second) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        Assert.Equal(first, await Within(
            silo.Grains.GetGrain<IChainGrain>(first).ForwardRead([second, first]).AsTask(), "reads"));
    }

    [Fact]
    public async Task A_call_back_that_nobody_waits_for_is_none()
    {
        await using var silo = await StartAsync();
        var (first, second) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var grain = silo.Grains.GetGrain<IChainGrain>(first);
        await Within(grain.SendAndGoOn(second), "sending");
        await Within(Gates.Came(first), "the call back");
    }

    [Fact]
    public async Task A_call_behind_a_slow_one_is_none()
    {
        await using var silo = await StartAsync();
        var (first, second) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var gate = Gates.New();
        var slow = silo.Grains.GetGrain<IChainGrain>(second).WaitThenForward(gate, []);
        await Within(Gates.Came(gate), "inside");
        var call = silo.Grains.GetGrain<IChainGrain>(first).Forward([second]);
        await Within(Gates.Came(first), "the call behind it");
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(20); passed += s_step)
        {
            silo.Advance(s_step);
        }

        Assert.False(call.IsCompleted);
        Gates.Open(gate);
        await Within(slow, "slow call");
        Assert.Equal(second, await Within(call, "call"));
    }
}
