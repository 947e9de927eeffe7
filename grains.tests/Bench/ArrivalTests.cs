using Grid.Bench.Load.Driving;

namespace Grid.Tests.Bench;

public sealed class ArrivalTests
{
    private const long TicksPerSecond = 1_000_000;

    [Fact]
    public void Even_arrivals_of_two_workers_interleave_at_the_total_rate()
    {
        var due = new List<long>();
        for (var worker = 0; worker < 2; worker++)
        {
            var schedule = new ArrivalSchedule(
                RateProfile.Flat(1000),
                0.5,
                (worker + 0.5) / 2,
                null,
                TimeSpan.Zero,
                0,
                TicksPerSecond
            );
            for (; schedule.DueTicks < TicksPerSecond; schedule.Advance())
                due.Add(schedule.DueTicks);
        }
        due.Sort();

        Assert.InRange(due.Count, 999, 1001);
        Assert.All(due.Zip(due.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 998, 1002));
    }

    [Fact]
    public void Poisson_arrivals_keep_the_rate_and_spread_their_gaps()
    {
        var schedule = new ArrivalSchedule(
            RateProfile.Flat(10_000),
            1,
            0.5,
            new Random(3),
            TimeSpan.Zero,
            0,
            TicksPerSecond
        );
        var gaps = new List<double>();
        for (long before = schedule.DueTicks; before < 10 * TicksPerSecond; before = schedule.DueTicks)
        {
            schedule.Advance();
            gaps.Add(schedule.DueTicks - before);
        }

        Assert.InRange(gaps.Count, 97_000, 103_000);
        // A share of 1/e of exponential gaps is longer than the mean.
        Assert.InRange(gaps.Count(g => g > 100) / (double)gaps.Count, 0.35, 0.385);
    }

    [Fact]
    public void A_profile_joins_its_points_by_lines_and_stays_flat_after_the_last()
    {
        Assert.True(RateProfile.TryParse("0s:1000,10s:2000,12s:500", out var profile));

        Assert.Equal(1000, profile.At(-3));
        Assert.Equal(1500, profile.At(5), 6);
        Assert.Equal(2000, profile.At(10), 6);
        Assert.Equal(1250, profile.At(11), 6);
        Assert.Equal(500, profile.At(100));
        Assert.Equal(15_000 + 2_500 + 4_000, profile.Between(0, 20), 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("NaN")]
    [InlineData("1e99")]
    [InlineData("0s:10,5s")]
    [InlineData("5s:10,5s:20")]
    [InlineData("5s:10,2s:20")]
    public void An_invalid_rate_is_refused(string text) => Assert.False(RateProfile.TryParse(text, out _));

    [Fact]
    public void A_ramp_sends_as_many_requests_as_its_area()
    {
        Assert.True(RateProfile.TryParse("0s:100,10s:1000", out var profile));
        var schedule = new ArrivalSchedule(profile, 1, 0.5, null, TimeSpan.FromSeconds(2), 0, TicksPerSecond);
        var (warmup, ramp) = (0, 0);
        for (; schedule.DueTicks < 12 * TicksPerSecond; schedule.Advance())
        {
            if (schedule.DueTicks < 2 * TicksPerSecond)
                warmup++;
            else
                ramp++;
        }

        Assert.InRange(warmup, 199, 201);
        Assert.InRange(ramp, 5450, 5550);
    }
}
