using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>What the embedded engine promises beyond: on Orleans the word of a cancellation may come after the call began.</summary>
public sealed partial class WaitingTests
{
    [Fact]
    public async Task A_call_that_is_cancelled_in_the_queue_is_never_made()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITurnGrain>();
        using var cancellation = new CancellationTokenSource();
        var (first, second) = (Gates.New(), Gates.New());
        var inside = grain.Write(first);
        await Within(Gates.Came(first), "inside");
        var waiting = grain.WriteUntil(second, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(waiting, "cancellation in the queue"));
        Gates.Open(first);
        await Within(inside, "first ends");
        await Within(grain.CountSlowly(), "a third call");
        Assert.Equal(0, Gates.Count(second));
    }

    [Fact]
    public async Task Calls_under_one_limit_share_a_time_out()
    {
        await using var silo = await StartAsync(setup => setup.ResponseTimeout = s_timeout);
        var (first, second, third, free) = (Gates.New(), Gates.New(), Gates.New(), Gates.New());
        using (silo.Engine.Limits.Since(silo.Engine.Limits.Now))
        {
            var call = silo.Fresh<ITurnGrain>().Write(first);
            await Within(Gates.Came(first), "inside");
            silo.Advance(s_timeout * 0.7);
            Gates.Open(first);
            await Within(call, "the first is answered");

            call = silo.Fresh<ITurnGrain>().Write(second);
            await Within(Gates.Came(second), "inside");
            silo.Advance(s_timeout * 0.4);
            // The test's own patience ends alike, in other words.
            Assert.Contains("Write", (await Assert.ThrowsAsync<TimeoutException>(() => Within(call, "the second had what the first left"))).Message);

            call = silo.Fresh<ITurnGrain>().Write(third);
            silo.Advance(s_timeout * 0.1);
            Assert.Contains("Write", (await Assert.ThrowsAsync<TimeoutException>(() => Within(call, "nothing is left for a third"))).Message);
        }

        var outside = silo.Fresh<ITurnGrain>().Write(free);
        await Within(Gates.Came(free), "inside");
        silo.Advance(s_timeout * 0.7);
        Assert.False(outside.IsCompleted);
        foreach (var gate in new[] { second, third, free })
        {
            Gates.Open(gate);
        }

        await Within(outside, "who comes later has time of its own");
    }
}
