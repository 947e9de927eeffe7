using Grid.Bench.Load.Capacity.Search;

namespace Grid.Tests.Bench;

public sealed class RateSearchTests
{
    [Theory]
    [InlineData(1_000, 20_000)]
    [InlineData(20_000, 20_000)]
    [InlineData(90_000, 20_000)]
    [InlineData(19_000, 20_000)]
    public void The_search_ends_just_below_the_capacity_from_any_start(double first, double capacity)
    {
        var search = new RateSearch(first, 1.25, 1.05, maxTrials: 30);
        while (search.Next is { } rate)
            search.Told(rate <= capacity);

        Assert.NotNull(search.Best);
        Assert.True(search.IsBounded);
        Assert.InRange(search.Best.Value, capacity / 1.05, capacity);
        Assert.InRange(search.Trials, 2, 14);
    }

    [Fact]
    public void A_rate_that_breaks_below_others_that_hold_does_not_end_the_search()
    {
        // At 1,500 the load is too high without batching and too low to form batches.
        var search = new RateSearch(1_200, 1.25, 1.05, maxTrials: 30);
        while (search.Next is { } rate)
            search.Told(rate is <= 1_400 or (>= 2_500 and <= 4_000));

        Assert.NotNull(search.Best);
        Assert.True(search.IsBounded);
        Assert.InRange(search.Best.Value, 4_000 / 1.05, 4_000);
    }

    [Fact]
    public async Task One_window_broken_by_a_pause_does_not_end_the_search()
    {
        var offered = new Dictionary<double, int>();
        var outcome = await CapacitySearch.RunAsync(
            1_000,
            SearchPlan.First with
            {
                MaxTrials = 30,
            },
            rate =>
                Task.FromResult(
                    new Trial(
                        rate,
                        null!,
                        null!,
                        (offered[rate] = offered.GetValueOrDefault(rate) + 1) == 1 || rate > 3_000 ? "a pause" : null,
                        ""
                    )
                ),
            static _ => { }
        );

        Assert.InRange(outcome.Best!.Rate, 3_000 / 1.05, 3_000);
        Assert.All(offered, rate => Assert.Equal(2, rate.Value));
    }

    [Fact]
    public void A_server_that_holds_nothing_ends_the_search_without_a_rate()
    {
        var search = new RateSearch(1_000, 1.25, 1.05, maxTrials: 30, minRate: 10);
        while (search.Next is not null)
            search.Told(holds: false);

        Assert.Null(search.Best);
        Assert.True(search.Trials < 12);
    }

    [Fact]
    public void A_search_without_an_end_is_reported()
    {
        var search = new RateSearch(1_000, 1.25, 1.05, maxTrials: 3);
        while (search.Next is not null)
            search.Told(holds: true);

        Assert.False(search.IsBounded);
        Assert.True(search.Best > 1_000);
    }

    [Fact]
    public void Steps_grow_but_not_beyond_fourfold()
    {
        var search = new RateSearch(100, 1.5, 1.05, maxTrials: 20);
        var rates = new List<double>();
        while (search.Next is { } rate)
        {
            rates.Add(rate);
            search.Told(holds: true);
        }

        var steps = rates.Zip(rates.Skip(1), (a, b) => b / a).ToArray();
        Assert.Equal(1.5, steps[0], 6);
        Assert.Equal(2.25, steps[1], 6);
        Assert.All(steps, step => Assert.InRange(step, 1.5, 4.0001));
    }
}
