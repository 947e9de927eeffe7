using Grid.Codec;
using Grid.Engine.Cluster;

namespace Grid.Tests.Cluster;

public class PartitionMapTests
{
    private static readonly string[] s_names = ["anton", "berta", "caesar", "dora", "emil", "friedrich", "gustav"];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 3)]
    [InlineData(16, 1)]
    [InlineData(16, 2)]
    [InlineData(16, 5)]
    [InlineData(16, 7)]
    [InlineData(64, 6)]
    [InlineData(3, 7)]
    public void Units_are_spread_to_within_one(int units, int silos)
    {
        var loads = Loads(PartitionMap.Assign(s_names[..silos], new string?[units]), silos);
        Assert.Equal(units, loads.Sum());
        Assert.InRange(loads.Max() - loads.Min(), 0, 1);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    public void A_silo_that_joins_takes_its_share_and_nothing_else_moves(int units)
    {
        var owners = new string?[units];
        for (var silos = 1; silos <= s_names.Length; silos++)
        {
            var next = PartitionMap.Assign(s_names[..silos], owners);
            var moved = next.Index().Count(unit => owners[unit.Index] is { } before && before != unit.Item);
            Assert.All(next.Index().Where(unit => owners[unit.Index] is { } before && before != unit.Item), unit => Assert.Equal(s_names[silos - 1], unit.Item));
            Assert.InRange(moved, 0, (units + silos - 1) / silos);
            Assert.InRange(Loads(next, silos).Max() - Loads(next, silos).Min(), 0, 1);
            owners = next;
        }
    }

    [Fact]
    public void A_silo_that_goes_leaves_the_units_of_the_others_where_they_are()
    {
        var before = PartitionMap.Assign(s_names[..5], new string?[64]);
        var after = PartitionMap.Assign([.. s_names[..5].Where(name => name != "caesar")], before);
        Assert.All(before.Index().Where(unit => unit.Item != "caesar"), unit => Assert.Equal(unit.Item, after[unit.Index]));
        Assert.DoesNotContain("caesar", after);
        Assert.InRange(Loads(after, 5).Where(load => load > 0).Max() - Loads(after, 5).Where(load => load > 0).Min(), 0, 1);
    }

    [Fact]
    public void The_order_in_which_silos_are_named_changes_nothing()
    {
        var names = s_names[..4];
        var assigned = PartitionMap.Assign(names, new string?[16]);
        Assert.Equal(assigned, PartitionMap.Assign([.. names.Reverse()], new string?[16]));
        // What is in place stays in place, however far a hand-over has come.
        var halfway = PartitionMap.Assign(names, [.. assigned.Select((name, unit) => unit % 2 == 0 ? name : null)]);
        Assert.All(Enumerable.Range(0, 16).Where(unit => unit % 2 == 0), unit => Assert.Equal(assigned[unit], halfway[unit]));
        Assert.Equal(assigned, PartitionMap.Assign(names, assigned));
    }

    [Fact]
    public void Nobody_owns_anything_without_a_silo() =>
        Assert.All(PartitionMap.Assign([], ["gone", null, "gone"]), Assert.Null);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(1024)]
    public void Every_partition_lies_in_the_unit_whose_range_has_it(int units)
    {
        for (var partition = 0; partition < Partitions.Count; partition++)
        {
            var unit = PartitionMap.UnitOf(partition, units);
            Assert.InRange(partition, PartitionMap.FirstPartitionOf(unit, units), PartitionMap.FirstPartitionOf(unit + 1, units) - 1);
        }
    }

    private static int[] Loads(string?[] owners, int silos) =>
        [.. s_names[..silos].Select(name => owners.Count(owner => owner == name))];
}
