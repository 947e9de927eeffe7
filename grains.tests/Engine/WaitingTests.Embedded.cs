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
}
