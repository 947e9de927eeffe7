using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>Time-outs, cancellation and what becomes of the calls.</summary>
public sealed partial class WaitingTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    // Longer than any method's own time-out.
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_its_turn_goes_on()
    {
        await using var silo = await StartAsync(setup => setup.ResponseTimeout = s_timeout);
        var grain = silo.Fresh<ITurnGrain>();
        var gate = Gates.New();
        var call = grain.Write(gate);
        await Within(Gates.Came(gate), "inside");
        silo.Advance(s_timeout / 3);
        Assert.False(call.IsCompleted);
        silo.Advance(s_timeout);
        var error = await Assert.ThrowsAsync<TimeoutException>(() => Within(call, "time-out"));
        Assert.Contains("Write", error.Message);

        Gates.Open(gate);
        Assert.Equal(2, await Within(grain.WriteAtOnce().AsTask(), "the next call"));
    }

    [Fact]
    public async Task A_method_may_have_a_time_out_of_its_own()
    {
        await using var silo = await StartAsync(setup => setup.ResponseTimeout = s_long);
        var gate = Gates.New();
        var call = silo.Fresh<ITurnGrain>().WriteBriefly(gate);
        await Within(Gates.Came(gate), "inside");
        silo.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TimeoutException>(() => Within(call, "time-out"));
        Gates.Open(gate);
    }

    [Fact]
    public async Task A_call_that_times_out_in_the_queue_is_never_made()
    {
        await using var silo = await StartAsync(setup => setup.ResponseTimeout = s_long);
        var grain = silo.Fresh<ITurnGrain>();
        var (first, second) = (Gates.New(), Gates.New());
        var inside = grain.Write(first);
        await Within(Gates.Came(first), "inside");
        var waiting = grain.WriteBriefly(second);
        silo.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TimeoutException>(() => Within(waiting, "time-out in the queue"));
        Gates.Open(first);
        await Within(inside, "first ends");
        await Within(grain.CountSlowly(), "a third call");
        Assert.Equal(0, Gates.Count(second));
    }

    [Fact]
    public async Task A_cancelled_call_ends_for_its_caller_and_the_grain_sees_the_token()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ITurnGrain>();
        using var cancellation = new CancellationTokenSource();
        var gate = Gates.New();
        var call = grain.WriteUntil(gate, cancellation.Token);
        await Within(Gates.Came(gate), "inside");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(call, "cancellation"));
        Assert.Equal(1, await Within(grain.WriteAtOnce().AsTask(), "the next call"));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_in_the_queue_ends_for_its_caller_and_holds_up_nobody()
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
        Assert.Equal(0, Gates.Count(second));
        Gates.Open(first);
        await Within(inside, "first ends");
        await Within(grain.CountSlowly(), "a third call");
    }

    [Fact]
    public async Task A_call_with_a_cancelled_token_is_not_begun()
    {
        await using var silo = await StartAsync();
        var gate = Gates.New();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => silo.Fresh<ITurnGrain>().WriteUntil(gate, new CancellationToken(canceled: true)));
        Assert.Equal(0, Gates.Count(gate));
    }

    [Fact]
    public async Task Thousands_of_calls_that_time_out_and_answer_at_once_all_end()
    {
        const int Rounds = 40;
        const int Calls = 64;
        await using var silo = await StartAsync(setup => setup.ResponseTimeout = TimeSpan.FromMilliseconds(100));
        for (var round = 0; round < Rounds; round++)
        {
            var gate = Gates.New();
            var calls = Enumerable.Range(0, Calls).Select(_ => silo.Fresh<ITurnGrain>().Write(gate)).ToArray();
            var race = Task.Run(() => Gates.Open(gate));
            silo.Advance(TimeSpan.FromMilliseconds(250));
            await race;
            foreach (var call in calls)
            {
                await Within(call.ContinueWith(static _ => { }, TaskScheduler.Default), "a call that timed out or not");
                Assert.True(call.IsCompletedSuccessfully || call.Exception?.InnerException is TimeoutException);
            }
        }
    }
}
