using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>Activation on demand, and all the ways in which an activation ends.</summary>
public sealed partial class LifeTests
{
    private static readonly TimeSpan s_age = TimeSpan.FromMinutes(10);

    // Beyond an age, and beyond the collector's round.
    private static readonly TimeSpan s_beyond = s_age + TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_grain_is_activated_once_before_its_first_call_however_many_come()
    {
        await using var silo = await StartAsync();
        var key = Guid.NewGuid();
        var calls = Enumerable.Range(0, 64).Select(_ => Task.Run(() => silo.Grains.GetGrain<ILifeGrain>(key).Activation()));
        Assert.All(await Within(Task.WhenAll(calls), "first calls"), number => Assert.Equal(1, number));
        Assert.Equal(1, Lives.Of(key).Activated);
    }

    [Fact]
    public async Task A_failed_activation_is_seen_by_the_caller_and_tried_again_by_the_next_call()
    {
        await using var silo = await StartAsync();
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        Lives.Of(key).Failures = 2;
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Within(grain.Activation(), "failing call"));
            Assert.Contains("was to fail", error.Message);
        }

        Assert.Equal(1, await Within(grain.Activation(), "good call"));
        Assert.Empty(Lives.Of(key).Ends);
    }

    [Fact]
    public async Task A_grain_that_asks_to_leave_is_made_anew_by_the_next_call()
    {
        await using var silo = await StartAsync();
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        Assert.Equal(1, await grain.Activation());
        await Within(grain.Leave(), "leave");
        Assert.Equal(2, await Within(grain.Activation(), "next call"));
        Assert.Equal(DeactivationReasonCode.ApplicationRequested, Assert.Single(Lives.Of(key).Ends).ReasonCode);
    }

    [Fact]
    public async Task Calls_that_wait_while_their_grain_leaves_are_served_by_its_next_activation()
    {
        await using var silo = await StartAsync();
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        var (inside, leaving) = (Gates.New(), Gates.New());
        Lives.Of(key).LeavingGate = leaving;
        var working = grain.Wait(inside);
        await Within(Gates.Came(inside), "inside");
        var leave = grain.Leave();
        Gates.Open(inside);
        await Within(Task.WhenAll(working, leave), "leave");
        await Within(Gates.Came(leaving), "leaving");
        var waiting = Enumerable.Range(0, 16).Select(_ => grain.Activation()).ToArray();
        Assert.All(waiting, call => Assert.False(call.IsCompleted));
        Gates.Open(leaving);
        Assert.All(await Within(Task.WhenAll(waiting), "waiting calls"), number => Assert.Equal(2, number));
    }

    [Fact]
    public async Task An_activation_is_collected_at_its_age_and_not_before()
    {
        await using var silo = await StartAsync(setup => setup.CollectionAge = s_age);
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        await grain.Activation();
        silo.Advance(s_age * 0.55);
        Assert.Equal(1, await grain.Activation());
        silo.Advance(s_age * 0.55);
        Assert.Equal(1, await grain.Activation());
        silo.Advance(s_beyond);
        Assert.Equal(2, await Within(grain.Activation(), "call after collection"));
        Assert.Equal(DeactivationReasonCode.ActivationIdle, Assert.Single(Lives.Of(key).Ends).ReasonCode);
    }

    [Fact]
    public async Task A_hold_keeps_an_activation_until_it_ends_or_is_taken_back()
    {
        await using var silo = await StartAsync(setup => setup.CollectionAge = s_age);
        var grain = silo.Fresh<ILifeGrain>();
        await grain.Hold(TimeSpan.FromHours(1));
        silo.Advance(s_beyond);
        Assert.Equal(1, await grain.Activation());
        await grain.Hold(TimeSpan.FromSeconds(-1));
        silo.Advance(s_beyond);
        Assert.Equal(2, await Within(grain.Activation(), "call after the hold"));
        await grain.Hold(Timeout.InfiniteTimeSpan);
        silo.Advance(2 * s_beyond);
        Assert.Equal(2, await grain.Activation());
    }

    [Fact]
    public async Task A_class_that_keeps_alive_is_never_collected()
    {
        await using var silo = await StartAsync(setup => setup.CollectionAge = s_age);
        var grain = silo.Fresh<IKeptGrain>();
        Assert.Equal(1, await grain.Activations());
        silo.Advance(2 * s_beyond);
        Assert.Equal(1, await grain.Activations());
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task A_timer_holds_its_activation_only_when_asked(bool keepAlive, int expected)
    {
        await using var silo = await StartAsync(setup => setup.CollectionAge = s_age);
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        var life = Lives.Of(key);
        var minute = TimeSpan.FromMinutes(1);
        await grain.Tick(minute, keepAlive);
        var idleTimers = silo.Clock.Pending;
        for (var ticks = 1; ticks * minute < s_beyond; ticks++)
        {
            silo.Advance(minute);
            await Until(() => (life.Ticks >= ticks && silo.Clock.Pending == idleTimers) || !life.Ends.IsEmpty, "a tick or the end");
        }

        Assert.Equal(expected, await Within(grain.Activation(), "call"));
    }

    [Fact]
    public async Task An_activation_at_work_is_not_collected()
    {
        await using var silo = await StartAsync(setup => (setup.CollectionAge, setup.ResponseTimeout) = (s_age, TimeSpan.FromHours(9)));
        var grain = silo.Fresh<ILifeGrain>();
        var gate = Gates.New();
        var waiting = grain.Wait(gate);
        await Within(Gates.Came(gate), "inside");
        silo.Advance(s_beyond);
        Gates.Open(gate);
        await Within(waiting, "end");
        Assert.Equal(1, await grain.Activation());
    }

    [Fact]
    public async Task No_call_is_lost_while_its_grain_is_collected_again_and_again()
    {
        const int Callers = 8;
        const int Calls = 300;
        await using var silo = await StartAsync(setup =>
            (setup.CollectionAge, setup.ResponseTimeout) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromDays(365)));
        var keys = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();
        using var ending = new CancellationTokenSource();
        var time = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                silo.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Yield();
            }
        });
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Calls; i++)
            {
                await silo.Grains.GetGrain<ICounterGrain>(keys[i % keys.Length]).Add(1);
            }
        }));
        await Within(Task.WhenAll(callers), "calling");
        await ending.CancelAsync();
        await time;

        var sum = 0;
        foreach (var key in keys)
        {
            sum += await silo.Grains.GetGrain<ICounterGrain>(key).Value();
        }

        Assert.Equal(Callers * Calls, sum);
        Assert.True(silo.Storage.Reads > keys.Length, "Nothing was ever collected.");
    }
}
