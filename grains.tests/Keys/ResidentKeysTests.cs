using Grid.Keys;
using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Keys;

public sealed class ResidentKeysTests : IDisposable
{
    private static readonly DateOnly FirstBirth = new(1950, 1, 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_number_has_one_key_whatever_the_case_of_its_check_character()
    {
        var keys = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));

        Assert.Equal(keys.Of(Parsed("11010519491231002X")), keys.Of(Parsed("11010519491231002x")));
        Assert.NotEqual(keys.Of(Parsed("11010519491231002X")), keys.Of(Parsed("440524188001010014")));
    }

    [Fact]
    public void A_key_is_the_start_of_the_mac_over_the_18_characters()
    {
        var ring = KeyRing.Open(_folder, new TestClock());
        var mac = new byte[SecretKey.MacLength];
        ring.Active(KeyPurpose.ResidentPepper).Mac("11010519491231002X"u8, mac);

        Assert.Equal(
            new Guid(mac.AsSpan(0, 16), bigEndian: true),
            new ResidentKeys(ring).Of(Parsed("11010519491231002X"))
        );
    }

    [Fact]
    public void Another_pepper_gives_other_keys()
    {
        var here = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));
        var there = new ResidentKeys(KeyRing.Open(Path.Combine(_folder, "there"), new TestClock()));
        var number = Parsed("11010519491231002X");

        Assert.NotEqual(here.Of(number), there.Of(number));
    }

    [Fact]
    public void The_first_ten_bits_spread_over_all_partitions()
    {
        var keys = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));
        var counts = new int[1024];
        for (var i = 0; i < 65536; i++)
        {
            var number = IdNumber.Create(610102, FirstBirth.AddDays(i / 1000), i % 1000);
            counts[Convert.ToInt32(keys.Of(number).ToString("N")[..3], 16) >> 2]++;
        }

        // 64 are expected in each; the chance of any partition outside this band is below 10⁻⁶.
        Assert.All(counts, count => Assert.InRange(count, 18, 120));
    }

    [Fact]
    public void The_default_number_has_no_key()
    {
        var keys = new ResidentKeys(KeyRing.Open(_folder, new TestClock()));

        Assert.Throws<ArgumentException>(() => keys.Of(default));
    }

    private static IdNumber Parsed(string text)
    {
        Assert.Equal(IdNumberOutcome.Valid, IdNumber.Parse(text, new DateOnly(2026, 1, 1), out var number));
        return number;
    }
}
