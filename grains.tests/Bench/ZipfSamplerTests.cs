using Grid.Bench.Load.Driving;

namespace Grid.Tests.Bench;

public sealed class ZipfSamplerTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(1.0)]
    [InlineData(1.5)]
    public void Ranks_follow_the_power_law(double exponent)
    {
        const int Count = 1000,
            Draws = 400_000;
        var sampler = new ZipfSampler(Count, exponent, seed: 5);
        var seen = new int[Count];
        for (var i = 0; i < Draws; i++)
            seen[sampler.NextRank()]++;

        var norm = Enumerable.Range(1, Count).Sum(r => Math.Pow(r, -exponent));
        foreach (var rank in (int[])[1, 2, 3, 10, 100])
        {
            var expected = Draws * Math.Pow(rank, -exponent) / norm;
            // Five standard deviations of the count.
            Assert.InRange(seen[rank - 1], expected - 5 * Math.Sqrt(expected), expected + 5 * Math.Sqrt(expected));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(997)]
    [InlineData(100_000)]
    public void Exponent_zero_draws_every_key_alike_and_no_other(int count)
    {
        var sampler = new ZipfSampler(count, 0, seed: 1);
        var keys = Enumerable.Range(0, 20_000).Select(_ => sampler.Next()).ToList();

        Assert.All(keys, key => Assert.InRange(key, 0, count - 1));
        Assert.InRange(keys.Average(), (count - 1) * 0.47, Math.Max(0, (count - 1) * 0.53));
    }

    [Fact]
    public void Busy_keys_are_not_adjacent()
    {
        var sampler = new ZipfSampler(10_000, 1.2, seed: 1);
        var busiest = Enumerable
            .Range(0, 100_000)
            .Select(_ => sampler.Next())
            .CountBy(key => key)
            .OrderByDescending(pair => pair.Value)
            .Take(5)
            .Select(pair => pair.Key)
            .Order()
            .ToList();

        Assert.All(busiest.Zip(busiest.Skip(1)), pair => Assert.True(pair.Second - pair.First > 100));
    }
}
