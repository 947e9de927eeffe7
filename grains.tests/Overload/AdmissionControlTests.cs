using Grid.Gateway.Overload;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using System.Diagnostics.Metrics;

namespace Grid.Tests.Overload;

public sealed class AdmissionControlTests : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private readonly TestClock _clock = new(new DateTimeOffset(2026, 1, 4, 9, 0, 0, TimeSpan.Zero));
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Who_came_last_is_let_in_first()
    {
        using var control = Control(free: 2);
        var first = control.Began();
        control.Began();
        Assert.True(control.IsFull);

        var early = control.WaitAsync();
        var late = control.WaitAsync();
        control.Ended(first);

        Assert.NotNull(await late.WaitAsync(WaitMax));
        Assert.False(early.IsCompleted);
    }

    [Fact]
    public async Task Who_waits_too_long_is_refused()
    {
        using var control = Control(free: 1);
        control.Began();
        var waiting = control.WaitAsync();

        _clock.Advance(TimeSpan.FromMilliseconds(90));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(30));

        Assert.Null(await waiting.WaitAsync(WaitMax));
        Assert.Equal(1, control.Refused);
    }

    [Fact]
    public async Task A_full_line_refuses_who_has_waited_longest()
    {
        using var control = Control(free: 1, waiting: 2);
        control.Began();
        var waits = Enumerable.Range(0, 3).Select(_ => control.WaitAsync()).ToArray();

        Assert.Null(await waits[0].WaitAsync(WaitMax));
        Assert.Equal(2, control.Waiting);
    }

    [Fact]
    public void Calls_that_hang_do_not_take_the_places_of_others_for_long()
    {
        using var control = Control(free: 2);
        control.Began();
        control.Began();
        Assert.True(control.IsFull);

        _clock.Advance(TimeSpan.FromMilliseconds(140));
        Assert.True(control.IsFull);
        _clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.False(control.IsFull);
        Assert.Equal(0, control.Young);
    }

    [Fact]
    public void Nobody_is_refused_when_it_is_switched_off()
    {
        using var control = Control(free: 1, enabled: false);
        for (var i = 0; i < 100_000; i++)
            control.Began();

        Assert.False(control.IsFull);
    }

    [Theory]
    // While somebody waits: what is answered in 60 ms, at most a tenth less or double at once.
    [InlineData(1_000, 15_500, true, 930)]
    [InlineData(1_000, 1_000, true, 900)]
    [InlineData(1_000, 100_000, true, 2_000)]
    [InlineData(34, 10, true, 32)]
    // While nobody does: room for 150 ms, never below what is free, never above what is ever let in.
    [InlineData(500, 10_000, false, 1_000)]
    [InlineData(270, 10, false, 256)]
    [InlineData(15_000, 1_000_000, false, 20_000)]
    public void The_limit_follows_what_is_answered(int limit, double rate, bool isFull, int expected) =>
        Assert.Equal(expected, AdmissionControl.LimitAfter(limit, rate, isFull, new AdmissionOptions()));

    [Fact]
    public void A_moment_of_few_answers_does_not_make_fewer_of_the_next()
    {
        using var control = Control(free: 256);
        // Three hundred are under way, three hundred wait, and for two seconds 500 a window are answered: enough for 300 in 60 ms.
        Answer(control, windows: 20, each: 500);
        Assert.InRange(control.Limit, 290, 310);

        Answer(control, windows: 5, each: 50);
        Assert.InRange(control.Limit, 270, 310);

        // It is no moment any more.
        Answer(control, windows: 300, each: 50);
        Assert.InRange(control.Limit, 32, 40);
    }

    [Fact]
    public void Those_refused_are_sent_away_for_longer_when_more_are_refused()
    {
        using var control = Control(free: 1, waiting: 1, retryAfterMax: 7);
        var place = control.Began();
        for (var i = 0; i < 50; i++)
            _ = control.WaitAsync();
        control.Ended(place);
        _clock.Advance(TimeSpan.FromMilliseconds(120));

        for (var i = 0; i < 100; i++)
            Assert.InRange(control.RetryAfterSeconds(), 4, 7);
    }

    /// <summary>So many are answered in each window, and in each somebody waits.</summary>
    private void Answer(AdmissionControl control, int windows, int each)
    {
        for (var window = 0; window < windows; window++)
        {
            _ = control.WaitAsync();
            for (var i = 0; i < each; i++)
                control.Ended(control.Began());
            _ = control.WaitAsync();
            _clock.Advance(AdmissionControl.Window);
        }
    }

    private AdmissionControl Control(int free, int waiting = 100, bool enabled = true, int retryAfterMax = 2) => new(
        Options.Create(new AdmissionOptions
        {
            InFlightFree = free, WaitingMax = waiting, Enabled = enabled, RetryAfterMax = TimeSpan.FromSeconds(retryAfterMax),
        }),
        _services.GetRequiredService<IMeterFactory>(), _clock);
}
