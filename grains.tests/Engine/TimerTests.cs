using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

public sealed class TimerTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_timer_ticks_at_its_due_time_and_then_a_period_after_each_tick_has_ended()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITimerGrain>();
        var gate = Gates.New();
        await grain.Start(gate, 5 * s_second, 10 * s_second, interleave: false);
        silo.Advance(4 * s_second);
        Assert.Equal(0, Gates.Count(gate));
        silo.Advance(s_second);
        await Within(Gates.Came(gate), "first tick");

        // While it awaits, no other is due.
        silo.Advance(60 * s_second);
        Assert.Equal(1, Gates.Count(gate));
        Gates.Open(gate);
        await Within(grain.Wait(gate), "a turn behind the tick");
        silo.Advance(9 * s_second);
        Assert.Equal(2, Gates.Count(gate));
        silo.Advance(s_second);
        await Within(Gates.Came(gate, 3), "second tick");
    }

    [Fact]
    public async Task A_tick_waits_for_the_turn_unless_it_interleaves()
    {
        await using var silo = await StartAsync();
        foreach (var interleave in new[] { false, true })
        {
            var grain = silo.Fresh<ITimerGrain>();
            var (ticking, working) = (Gates.New(), Gates.New());
            Gates.Open(ticking);
            await grain.Start(ticking, s_second, Timeout.InfiniteTimeSpan, interleave);
            var turn = grain.Wait(working);
            await Within(Gates.Came(working), "turn");
            silo.Advance(2 * s_second);
            if (interleave)
            {
                await Within(Gates.Came(ticking), "tick beside the turn");
            }

            Assert.Equal(interleave ? 1 : 0, Gates.Count(ticking));
            Gates.Open(working);
            await Within(turn, "turn ends");
            await Within(Gates.Came(ticking), "tick");
        }
    }

    [Fact]
    public async Task A_timer_may_be_changed_and_stopped()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITimerGrain>();
        var gate = Gates.New();
        Gates.Open(gate);
        await grain.Start(gate, Timeout.InfiniteTimeSpan, s_second, interleave: false);
        silo.Advance(60 * s_second);
        Assert.Equal(0, Gates.Count(gate));
        await grain.Change(s_second, Timeout.InfiniteTimeSpan);
        silo.Advance(s_second);
        await Within(Gates.Came(gate), "tick after the change");
        await grain.Change(s_second, s_second);
        await grain.Stop();
        silo.Advance(60 * s_second);
        await grain.Wait(gate);
        Assert.Equal(2, Gates.Count(gate));
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITimerGrain>();
        var gate = Gates.New();
        Gates.Open(gate);
        await grain.Start(gate, s_second, s_second, interleave: false);
        await grain.Leave();
        await grain.Wait(gate);
        silo.Advance(60 * s_second);
        await grain.Wait(gate);
        Assert.Equal(2, Gates.Count(gate));
    }
}
