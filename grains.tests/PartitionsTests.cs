using FsCheck;
using FsCheck.Fluent;

namespace Grid.Tests;

public class PartitionsTests
{
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", 0)]
    [InlineData("003fffff-ffff-ffff-ffff-ffffffffffff", 0)]
    [InlineData("00400000-0000-0000-0000-000000000000", 1)]
    [InlineData("80000000-0000-0000-0000-000000000000", 512)]
    [InlineData("ffc00000-0000-0000-0000-000000000000", 1023)]
    public void The_partition_of_a_guid_is_its_first_ten_bits_as_printed(string key, int partition) =>
        Assert.Equal(partition, Partitions.Of(Guid.Parse(key)));

    [Fact]
    public void Every_partition_has_a_smallest_key_and_keys_sort_by_partition()
    {
        var former = "";
        for (var partition = 0; partition < Partitions.Count; partition++)
        {
            var key = Partitions.KeyOf(partition);
            Assert.Equal(partition, Partitions.Of(key));
            Assert.True(string.CompareOrdinal(former, key.ToString()) < 0);
            former = key.ToString();
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Partitions.KeyOf(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partitions.KeyOf(Partitions.Count));
    }

    // Stored rows contain these numbers: changing one breaks every data folder.
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999UL)]
    [InlineData("a", 0xE513E02C99167F96UL)]
    [InlineData("ab", 0x2B4D0FC9E4BF29E2UL)]
    [InlineData("T-20220104-000123", 0x947996B11EA49F94UL)]
    [InlineData("雁塔区", 0xD721E2DBAA894D41UL)]
    public void The_hash_of_a_text_never_changes(string text, ulong hash)
    {
        Assert.Equal(hash, Partitions.StableHash(text));
        Assert.Equal((int)(hash >> 54), Partitions.Of(text));
        Assert.Equal((int)(hash >> 54), Partitions.Of(text.AsSpan()));
    }

    [Fact]
    public void Numbered_keys_fill_the_partitions_evenly()
    {
        const int PerPartition = 100;
        var counts = new int[Partitions.Count];
        for (var number = 0; number < Partitions.Count * PerPartition; number++)
            counts[Partitions.Of($"T-20220104-{number:D8}")]++;
        // Six standard deviations of a uniform distribution.
        Assert.All(counts, count => Assert.InRange(count, PerPartition - 60, PerPartition + 60));
    }

    [Fact]
    public void Any_guid_is_in_a_partition_that_its_smallest_key_is_not_above() =>
        Prop.ForAll(ArbMap.Default.ArbFor<Guid>(), key =>
                string.CompareOrdinal(Partitions.KeyOf(Partitions.Of(key)).ToString(), key.ToString()) <= 0
            )
            .QuickCheckThrowOnFailure();
}
