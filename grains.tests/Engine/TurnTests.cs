using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

public sealed partial class TurnTests
{
    [Fact]
    public async Task One_turn_runs_at_a_time_under_64_callers()
    {
        const int Callers = 64;
        const int Calls = 100;
        await using var silo = await StartAsync();
        var key = Guid.NewGuid();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            var most = 0;
            for (var i = 0; i < Calls; i++)
            {
                most = Math.Max(most, await silo.Grains.GetGrain<ITurnGrain>(key).CountSlowly());
            }

            return most;
        }));

        Assert.All(await Within(Task.WhenAll(callers), "calling"), most => Assert.Equal(1, most));
        Assert.Equal(Callers * Calls, await silo.Grains.GetGrain<ITurnGrain>(key).Count());
    }

    [Fact]
    public async Task Short_turns_of_64_callers_are_all_counted()
    {
        const int Callers = 64;
        const int Calls = 1_000;
        await using var silo = await StartAsync();
        var key = Guid.NewGuid();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Calls; i++)
            {
                await silo.Grains.GetGrain<ITurnGrain>(key).WriteAtOnce();
            }
        }));

        await Within(Task.WhenAll(callers), "calling");
        Assert.Equal(Callers * Calls, await silo.Grains.GetGrain<ITurnGrain>(key).Count());
    }

    [Fact]
    public async Task Reads_interleave_and_a_write_waits_for_them()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITurnGrain>();
        var (reading, writing) = (Gates.New(), Gates.New());
        var first = grain.Read(reading);
        var second = grain.Read(reading);
        await Within(Gates.Came(reading, 2), "both reads inside");
        var write = grain.Write(writing);

        // A read that comes behind the write still gets in beside the others.
        var third = grain.Read(reading);
        await Within(Gates.Came(reading, 3), "third read inside");
        Assert.Equal(0, Gates.Count(writing));

        Gates.Open(reading);
        Assert.All(await Within(Task.WhenAll(first, second, third), "reads end"), static count => Assert.Equal(0, count));
        await Within(Gates.Came(writing), "write inside");
        Gates.Open(writing);
        await Within(write, "write ends");
    }

    [Fact]
    public async Task A_read_waits_for_a_write()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITurnGrain>();
        var (reading, writing) = (Gates.New(), Gates.New());
        var write = grain.Write(writing);
        await Within(Gates.Came(writing), "write inside");
        var read = grain.Read(reading);
        await grain.Peek(Open());
        Assert.Equal(0, Gates.Count(reading));

        Gates.Open(reading);
        Gates.Open(writing);
        await Within(write, "write ends");
        Assert.Equal(1, await Within(read, "read ends"));
    }

    [Fact]
    public async Task An_interleaving_call_enters_while_a_write_awaits_and_lets_a_write_in()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITurnGrain>();
        var (peeking, writing) = (Gates.New(), Gates.New());
        var write = grain.Write(writing);
        await Within(Gates.Came(writing), "write inside");
        var peek = grain.Peek(peeking);
        await Within(Gates.Came(peeking), "peek inside");
        Gates.Open(writing);
        await Within(write, "write ends");
        await Within(grain.WriteAtOnce().AsTask(), "second write beside the peek");
        Assert.False(peek.IsCompleted);
        Gates.Open(peeking);
        await Within(peek, "peek ends");
    }

    [Fact]
    public async Task Interleaving_reads_never_run_at_the_same_instant()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITurnGrain>();
        var reads = Enumerable.Range(0, 16).Select(_ => Task.Run(grain.ReadBusily));
        Assert.All(await Within(Task.WhenAll(reads), "reading"), most => Assert.Equal(1, most));
    }

    private static string Open()
    {
        var gate = Gates.New();
        Gates.Open(gate);
        return gate;
    }
}
