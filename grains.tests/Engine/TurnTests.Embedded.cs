using Grid.Engine.Hosting;
using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>The bound of an activation's queue, which is the embedded engine's own.</summary>
public sealed partial class TurnTests
{
    [Fact]
    public async Task Calls_beyond_the_bound_of_the_queue_are_refused()
    {
        await using var silo = await StartAsync(setup => setup.MaxWaitingCalls = 3);
        var grain = silo.Fresh<ITurnGrain>();
        var gate = Gates.New();
        var inside = grain.Write(gate);
        await Within(Gates.Came(gate), "write inside");
        var waiting = Enumerable.Range(0, 3).Select(_ => grain.CountSlowly()).ToArray();
        await Assert.ThrowsAsync<GrainOverloadedException>(
            () => Within(grain.CountSlowly(), "refusal"));
        Gates.Open(gate);
        await Within(inside, "write ends");
        await Within(Task.WhenAll(waiting), "waiting calls end");
    }

    [Fact]
    public async Task Calls_that_gave_up_make_room_in_a_full_queue()
    {
        await using var silo = await StartAsync(setup => setup.MaxWaitingCalls = 2);
        var grain = silo.Fresh<ITurnGrain>();
        var (gate, never) = (Gates.New(), Gates.New());
        var inside = grain.Write(gate);
        await Within(Gates.Came(gate), "write inside");
        var gaveUp = Enumerable.Range(0, 2).Select(_ => grain.WriteBriefly(never)).ToArray();
        silo.Advance(TimeSpan.FromSeconds(3));
        foreach (var call in gaveUp)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => Within(call, "time-out in the queue"));
        }

        var waiting = grain.CountSlowly();
        Gates.Open(gate);
        await Within(inside, "write ends");
        await Within(waiting, "the call that found room");
        Assert.Equal(0, Gates.Count(never));
    }
}
