using FsCheck;
using FsCheck.Fluent;
using Grid.Silo.Cluster;
using Grid.Silo.Stores;

namespace Grid.Tests.Cluster;

/// <summary>A grain and its row are placed by the same partition.</summary>
public sealed class GrainPartitionTests
{
    private static readonly GrainType Resident = GrainType.Create("resident");

    [Fact]
    public void A_resident_and_its_row_have_the_same_partition() =>
        Prop.ForAll<Guid>(static key =>
            {
                var grain = GrainId.Create(Resident, GrainIdKeyExtensions.CreateGuidKey(key));
                return Partitions.Of(key) == GrainPartition.Of(grain)
                    && StateKey.Of(grain).Partition == GrainPartition.Of(grain);
            })
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("tube-1")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("核酸-7")]
    public void A_grain_with_a_text_key_and_its_row_have_the_same_partition(string key)
    {
        var grain = GrainId.Create("tube", key);

        Assert.Equal(StateKey.Of(grain).Partition, GrainPartition.Of(grain));
    }
}
