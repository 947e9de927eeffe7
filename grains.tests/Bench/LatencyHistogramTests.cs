using Grid.Bench.Load.Measure;

namespace Grid.Tests.Bench;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(65_535)]
    [InlineData(1_000_000)]
    [InlineData(5_000_000_123)]
    [InlineData(LatencyHistogram.LongestNanoseconds)]
    public void A_value_is_read_back_at_most_one_part_in_128_above_itself(long nanoseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(nanoseconds);
        histogram.Record(LatencyHistogram.LongestNanoseconds);

        var read = histogram.Percentile(0.5);

        Assert.InRange(read, nanoseconds, nanoseconds + nanoseconds / 128);
    }

    [Fact]
    public void Percentiles_are_those_of_the_sorted_values()
    {
        var histogram = new LatencyHistogram();
        var random = new Random(7);
        var values = Enumerable.Range(0, 20_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20)).ToArray();
        foreach (var value in values)
            histogram.Record(value);
        Array.Sort(values);

        foreach (var fraction in (double[])[0.01, 0.5, 0.9, 0.99, 0.999, 1])
        {
            var exact = values[(int)Math.Ceiling(fraction * values.Length) - 1];
            Assert.InRange(histogram.Percentile(fraction), exact, exact + exact / 128);
        }
        Assert.Equal(values[^1], histogram.MaxNanoseconds);
        Assert.Equal(values.Average(), histogram.MeanNanoseconds, 3);
    }

    [Fact]
    public void Two_histograms_added_are_the_histogram_of_both()
    {
        var (one, other, both) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 1000; i++)
        {
            (i % 3 == 0 ? one : other).Record(i * i);
            both.Record(i * i);
        }

        one.Add(other);

        Assert.Equal(both.Count, one.Count);
        Assert.Equal(both.Percentile(0.25), one.Percentile(0.25));
        Assert.Equal(both.Percentile(0.99), one.Percentile(0.99));
    }

    [Fact]
    public void The_difference_to_an_earlier_copy_is_what_was_recorded_since()
    {
        var (histogram, earlier) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 100; i++)
            histogram.Record(1_000_000);
        histogram.CopyTo(earlier);
        histogram.Record(50);
        histogram.Record(70);

        var since = histogram.Since(earlier);

        Assert.Equal(2, since.Count);
        Assert.Equal(50, since.Percentile(0.5));
        Assert.Equal(70, since.Percentile(1));
    }

    [Fact]
    public void An_empty_histogram_reads_zero() => Assert.Equal(0, new LatencyHistogram().Percentile(0.99));

    [Fact]
    public void A_value_beyond_the_range_counts_as_the_longest()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(long.MaxValue);
        histogram.Record(-5);

        Assert.Equal(LatencyHistogram.LongestNanoseconds, histogram.MaxNanoseconds);
        Assert.Equal(0, histogram.Percentile(0.5));
    }
}
