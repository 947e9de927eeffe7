using Grid.Engine.Hosting;
using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>Ends of an activation that go by the settings of the embedded engine.</summary>
public sealed partial class LifeTests
{
    [Fact]
    public async Task Under_memory_pressure_the_longest_idle_go_first()
    {
        await using var silo = await StartAsync(setup => setup.MemoryLimitBytes = 1);
        var old = Guid.NewGuid();
        silo.MemoryInUse = 0;
        await silo.Grains.GetGrain<ILifeGrain>(old).Activation();
        silo.Advance(TimeSpan.FromMinutes(20));
        var young = Guid.NewGuid();
        await silo.Grains.GetGrain<ILifeGrain>(young).Activation();
        silo.MemoryInUse = 2;
        silo.Advance(TimeSpan.FromSeconds(1.1));
        silo.MemoryInUse = 0;
        Assert.Equal(2, await Within(silo.Grains.GetGrain<ILifeGrain>(old).Activation(), "the old one"));
        Assert.Equal(DeactivationReasonCode.HighMemoryPressure, Assert.Single(Lives.Of(old).Ends).ReasonCode);
        Assert.Equal(1, await silo.Grains.GetGrain<ILifeGrain>(young).Activation());
    }

    [Fact]
    public async Task A_shutdown_lets_turns_end_tells_the_grains_and_refuses_calls_from_outside()
    {
        await using var silo = await StartAsync();
        var (busy, idle) = (Guid.NewGuid(), Guid.NewGuid());
        var gate = Gates.New();
        await silo.Grains.GetGrain<ILifeGrain>(idle).Activation();
        var waiting = silo.Grains.GetGrain<ILifeGrain>(busy).Wait(gate);
        await Within(Gates.Came(gate), "inside");
        var stopping = silo.StopAsync();
        await Assert.ThrowsAsync<GrainUnavailableException>(
            () => Within(silo.Fresh<ILifeGrain>().Activation(), "refusal"));
        Assert.False(stopping.IsCompleted);
        Gates.Open(gate);
        await Within(waiting, "turn ends");
        await Within(stopping, "shutdown");
        Assert.Equal(DeactivationReasonCode.ShuttingDown, Assert.Single(Lives.Of(busy).Ends).ReasonCode);
        Assert.Equal(DeactivationReasonCode.ShuttingDown, Assert.Single(Lives.Of(idle).Ends).ReasonCode);
    }

    [Fact]
    public async Task A_shutdown_does_not_wait_longer_than_it_may()
    {
        await using var silo = await StartAsync();
        var gate = Gates.New();
        var waiting = silo.Fresh<ILifeGrain>().Wait(gate);
        await Within(Gates.Came(gate), "inside");
        var stopping = silo.StopAsync();
        silo.Advance(TimeSpan.FromSeconds(25));
        await Within(stopping, "shutdown");
        // Who waits for an answer hears that there will be none.
        await Assert.ThrowsAsync<TimeoutException>(() => Within(waiting, "end of the call"));
        Gates.Open(gate);
    }
}
