using Grid.Keys;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Keys;

public sealed class ResidentKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_number_has_one_key_however_it_is_written()
    {
        var keys = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));

        Assert.Equal(keys.Of("61010219900101001X"), keys.Of(" 61010219900101001x "));
        Assert.NotEqual(keys.Of("61010219900101001X"), keys.Of("610102199001010028"));
    }

    [Fact]
    public void Another_pepper_gives_other_keys()
    {
        var here = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));
        var there = new ResidentKeys(KeyRing.Open(Path.Combine(_folder, "there"), new TestClock()));

        Assert.NotEqual(here.Of("61010219900101001X"), there.Of("61010219900101001X"));
    }

    [Fact]
    public void The_first_ten_bits_spread_over_all_partitions()
    {
        var keys = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));
        var counts = new int[1024];
        for (var i = 0; i < 65536; i++)
            counts[Convert.ToInt32(keys.Of($"6101021990{i:D8}").ToString("N")[..3], 16) >> 2]++;

        // 64 expected in each; the chance of a partition outside this band is below 10⁻⁶ in all.
        Assert.All(counts, count => Assert.InRange(count, 18, 120));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("６１０１０２")]
    [InlineData("610102199001010028610102199001010028")]
    public void What_is_no_number_has_no_key(string text)
    {
        var keys = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));

        Assert.Throws<ArgumentException>(() => keys.Of(text));
    }
}
