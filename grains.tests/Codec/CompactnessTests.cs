using Grid.Codec;
using Grid.Codes;
using Grid.Residents;

namespace Grid.Tests.Codec;

/// <summary>A city's rows are 13 million; each byte of one counts.</summary>
public class CompactnessTests
{
    private static readonly DateTimeOffset s_secondOfTheDay = new(2022, 1, 4, 9, 0, 1, TimeSpan.Zero);

    [Fact]
    public void An_empty_value_is_one_byte()
    {
        Assert.Equal([1], Codec<Tree>.Encode(new Tree()));
        Assert.Equal([1], Codec<ResidentState>.Encode(new ResidentState()));
        Assert.Equal([0], Codec<Tree>.Encode(null));
    }

    [Fact]
    public void A_message_is_its_length_and_its_fields() =>
        // 5 bytes follow; field 0 = 300 as a zigzag varint; field 1 = 1.
        Assert.Equal([6, 0, 0xD8, 0x04, 8, 2], Codec<Point>.Encode(new Point(300, 1)));

    [Fact]
    public void Text_is_its_length_and_its_utf8() => Assert.Equal([3, (byte)'a', (byte)'b'], Codec<string>.Encode("ab"));

    [Fact]
    public void A_moment_is_as_short_as_its_unit_allows()
    {
        Assert.Equal(5, Codec<DateTimeOffset>.Encode(s_secondOfTheDay).Length);
        Assert.Equal(6, Codec<DateTimeOffset>.Encode(s_secondOfTheDay.AddMilliseconds(1)).Length);
        Assert.Equal(8, Codec<DateTimeOffset>.Encode(s_secondOfTheDay.AddTicks(1)).Length);
        Assert.Equal(7, Codec<DateTimeOffset>.Encode(s_secondOfTheDay.ToOffset(TimeSpan.FromHours(8))).Length);
    }

    [Fact]
    public void A_day_is_two_or_three_bytes()
    {
        Assert.Equal(2, Codec<DateOnly>.Encode(new DateOnly(2022, 1, 4)).Length);
        Assert.Equal(3, Codec<DateOnly>.Encode(new DateOnly(1931, 5, 6)).Length);
    }

    [Fact]
    public void A_guid_costs_sixteen_bytes_and_its_key()
    {
        var bare = Codec<TestRecord>.Encode(default);
        Assert.Equal([1], bare);
        Assert.Equal(1 + 1 + 16, Codec<TestRecord>.Encode(default(TestRecord) with { Tube = Guid.AllBitsSet }).Length);
    }

    [Fact]
    public void A_message_longer_than_126_bytes_has_a_length_of_two_bytes()
    {
        Assert.Equal(1 + 126, Codec<byte[]>.Encode(new byte[126]).Length);
        Assert.Equal(2 + 127, Codec<byte[]>.Encode(new byte[127]).Length);
        Assert.Equal(1 + 1 + 1 + 124, Codec<ShortLabel>.Encode(new ShortLabel(new('x', 124), 0)).Length);
        Assert.Equal(2 + 1 + 1 + 125, Codec<ShortLabel>.Encode(new ShortLabel(new('x', 125), 0)).Length);
    }

    [Fact]
    public void A_cause_takes_less_than_fifty_bytes()
    {
        var cause = new Cause(Guid.AllBitsSet, (CauseKind)1, (CodeColour)1, "T-20220104-000123", 3, s_secondOfTheDay, null);
        Assert.InRange(Codec<Cause>.Encode(cause).Length, 1, 50);
    }
}
