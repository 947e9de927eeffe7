using System.Diagnostics.Metrics;
using Grid.Gateway.Overload;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Overload;

public sealed class ConcurrencyLimiterTests : IDisposable
{
    private const RequestPriority Doors = RequestPriority.Doors;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly TestClock _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task The_newest_waiter_is_admitted_first()
    {
        using var limiter = Limiter(free: 16);
        var first = Fill(limiter, Doors)[0];

        var early = limiter.WaitAsync(Doors);
        var late = limiter.WaitAsync(Doors);
        first.Release();

        Assert.NotNull(await late.WaitAsync(MaxWait));
        Assert.False(early.IsCompleted);
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_refused()
    {
        using var limiter = Limiter(free: 16);
        Fill(limiter, Doors);
        var waiting = limiter.WaitAsync(Doors);

        _clock.Advance(TimeSpan.FromMilliseconds(90));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(30));

        Assert.Null(await waiting.WaitAsync(MaxWait));
        Assert.Equal(1, limiter.Refused(Doors));
    }

    [Fact]
    public async Task A_full_queue_refuses_the_oldest_waiter()
    {
        using var limiter = Limiter(free: 16, waiting: 2);
        Fill(limiter, Doors);
        var waits = Enumerable.Range(0, 3).Select(_ => limiter.WaitAsync(Doors)).ToArray();

        Assert.Null(await waits[0].WaitAsync(MaxWait));
        Assert.Equal(2, limiter.Waiting(Doors));
    }

    [Fact]
    public void A_hanging_request_releases_its_slot_after_200_ms()
    {
        using var limiter = Limiter(free: 16);
        Fill(limiter, Doors);

        _clock.Advance(TimeSpan.FromMilliseconds(140));
        Assert.False(limiter.HasRoom(Doors));
        _clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.True(limiter.HasRoom(Doors));
        Assert.Equal(0, limiter.InFlight(Doors));
    }

    [Fact]
    public void No_request_is_refused_when_overload_control_is_off()
    {
        using var limiter = Limiter(free: 1, enabled: false);
        for (var i = 0; i < 100_000; i++)
            Assert.NotNull(limiter.TryEnter(RequestPriority.Anonymous));
    }

    [Fact]
    public void Each_class_has_slots_that_no_other_class_can_take()
    {
        using var limiter = Limiter(free: 160);

        Assert.Equal(10, Fill(limiter, RequestPriority.Anonymous).Count);
        // Its own 10, and the 80 that all classes but anonymous share.
        Assert.Equal(90, Fill(limiter, RequestPriority.Authenticated).Count);
        Assert.Equal(40, Fill(limiter, Doors).Count);
        Assert.Equal(20, Fill(limiter, RequestPriority.Results).Count);
        Assert.Equal(160, Enum.GetValues<RequestPriority>().Sum(limiter.InFlight));
    }

    [Fact]
    public async Task A_released_shared_slot_goes_to_the_first_waiting_class()
    {
        using var limiter = Limiter(free: 160);
        var slots = Fill(limiter, RequestPriority.Authenticated);
        Fill(limiter, Doors);
        Fill(limiter, RequestPriority.Results);
        var (results, doors, authenticated) = (
            limiter.WaitAsync(RequestPriority.Results),
            limiter.WaitAsync(Doors),
            limiter.WaitAsync(RequestPriority.Authenticated)
        );

        slots[0].Release();
        Assert.NotNull(await results.WaitAsync(MaxWait));
        Assert.False(doors.IsCompleted);

        slots[1].Release();
        Assert.NotNull(await doors.WaitAsync(MaxWait));
        Assert.False(authenticated.IsCompleted);
    }

    [Fact]
    public void Waiting_anonymous_requests_change_neither_the_limit_nor_the_retry_of_others()
    {
        using var limiter = Limiter(free: 384, waiting: 1, maxRetryAfter: 7);
        for (var window = 0; window < 50; window++)
        {
            Fill(limiter, RequestPriority.Anonymous);
            for (var i = 0; i < 50; i++)
                _ = limiter.WaitAsync(RequestPriority.Anonymous);
            _clock.Advance(ConcurrencyLimiter.Window);
        }

        Assert.Equal(384, limiter.Limit);
        Assert.True(limiter.Refused(RequestPriority.Anonymous) > 1_000);
        Assert.InRange(limiter.RetryAfterSeconds(), 1, 2);
        Assert.True(limiter.HasRoom(Doors));
    }

    [Fact]
    public void A_slot_is_released_once()
    {
        using var limiter = Limiter(free: 16);
        var slot = limiter.TryEnter(Doors)!;
        limiter.TryEnter(Doors);

        slot.Release();
        slot.Release();

        Assert.Equal(1, limiter.InFlight(Doors));
    }

    [Theory]
    // While requests wait: throughput x 80 ms, at least 0.9 x and at most 2 x the former limit.
    [InlineData(1_000, 11_625, true, 930)]
    [InlineData(1_000, 1_000, true, 900)]
    [InlineData(1_000, 100_000, true, 2_000)]
    [InlineData(50, 10, true, 48)]
    // While none waits: throughput x 200 ms, between FreeInFlight and the maximum.
    [InlineData(500, 5_000, false, 1_000)]
    [InlineData(390, 10, false, 384)]
    [InlineData(15_000, 1_000_000, false, 20_000)]
    public void The_limit_follows_the_throughput(int limit, double rate, bool isFull, int expected) =>
        Assert.Equal(expected, ConcurrencyLimiter.LimitAfter(limit, rate, isFull, new OverloadOptions()));

    [Fact]
    public void A_short_dip_in_throughput_does_not_lower_the_limit()
    {
        using var limiter = Limiter(free: 256);
        // Requests wait and 375 a window are answered for two seconds: 300 in 80 ms.
        Answer(limiter, windows: 20, each: 375);
        Assert.InRange(limiter.Limit, 290, 310);

        Answer(limiter, windows: 5, each: 40);
        Assert.InRange(limiter.Limit, 270, 310);

        // 30 s of low throughput lower it.
        Answer(limiter, windows: 300, each: 40);
        Assert.InRange(limiter.Limit, 48, 56);
    }

    [Fact]
    public void Synchronous_answers_do_not_raise_the_limit()
    {
        using var limiter = Limiter(free: 256);
        for (var window = 0; window < 50; window++)
        {
            for (var i = 0; i < 10_000; i++)
            {
                var slot = limiter.TryEnter(Doors)!;
                slot.AnsweredAtOnce = true;
                slot.Release();
            }
            _clock.Advance(ConcurrencyLimiter.Window);
        }

        Assert.Equal(256, limiter.Limit);
    }

    [Fact]
    public void Retry_after_grows_with_the_share_of_refused_requests()
    {
        using var limiter = Limiter(free: 1, waiting: 1, maxRetryAfter: 7);
        var slot = limiter.TryEnter(Doors)!;
        for (var i = 0; i < 50; i++)
            _ = limiter.WaitAsync(Doors);
        slot.Release();
        _clock.Advance(TimeSpan.FromMilliseconds(120));

        for (var i = 0; i < 100; i++)
            Assert.InRange(limiter.RetryAfterSeconds(), 4, 7);
    }

    /// <summary>Takes every slot that the class can get.</summary>
    private static List<OverloadSlot> Fill(ConcurrencyLimiter limiter, RequestPriority priority)
    {
        var slots = new List<OverloadSlot>();
        while (limiter.TryEnter(priority) is { } slot)
            slots.Add(slot);
        return slots;
    }

    /// <summary>Answers <paramref name="each"/> requests a window while one waits.</summary>
    private void Answer(ConcurrencyLimiter limiter, int windows, int each)
    {
        for (var window = 0; window < windows; window++)
        {
            _ = limiter.WaitAsync(Doors);
            for (var i = 0; i < each; i++)
                limiter.TryEnter(Doors)!.Release();
            _ = limiter.WaitAsync(Doors);
            _clock.Advance(ConcurrencyLimiter.Window);
        }
    }

    private ConcurrencyLimiter Limiter(int free, int waiting = 100, bool enabled = true, int maxRetryAfter = 2) =>
        new(
            Options.Create(
                new OverloadOptions
                {
                    FreeInFlight = free,
                    MaxWaiting = waiting,
                    Enabled = enabled,
                    MaxRetryAfter = TimeSpan.FromSeconds(maxRetryAfter),
                }
            ),
            _services.GetRequiredService<IMeterFactory>(),
            _clock
        );
}
