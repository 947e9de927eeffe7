using Grid.Engine.Cluster;
using Grid.Engine.Wire;

namespace Grid.Tests.Cluster;

public class ClusterViewTests
{
    private static readonly Member s_anton = Silo("anton", 1);
    private static readonly Member s_berta = Silo("berta", 2);

    [Fact]
    public void The_first_silo_gets_every_unit()
    {
        var view = ClusterView.Empty(4).With(s_anton).Settle();
        Assert.Equal(1, view.Version);
        Assert.All(view.Units, unit => Assert.Equal(new UnitOwner(s_anton.Id, 1), unit));
    }

    [Fact]
    public void A_silo_that_joins_takes_nothing_by_itself()
    {
        var view = ClusterView.Empty(4).With(s_anton).Settle().With(s_berta).Settle();
        Assert.All(view.Units, unit => Assert.Equal(s_anton.Id, unit.Owner));
        Assert.Equal(2, PartitionMap.Assign(view).Count(owner => owner == s_berta.Id));
    }

    [Fact]
    public void The_units_of_a_dead_silo_go_to_the_living_at_once_and_name_it()
    {
        var view = ClusterView.Empty(4).With(s_anton).Settle().With(s_berta).Settle();
        view = view.WithoutDead(s_anton.Id, beat: 77).Settle();
        Assert.All(view.Units, unit => Assert.Equal(new UnitOwner(s_berta.Id, 2, s_anton.Id), unit));
        Assert.Equal([new Departure(s_anton.Id, 77)], view.Departed);

        // It is forgotten when no unit names it any more.
        for (var unit = 0; unit < 4; unit++)
            view = view.Give(unit, s_berta.Id);
        Assert.Empty(view.Settle().Departed);
    }

    [Fact]
    public void Units_wait_when_no_silo_may_have_them()
    {
        var view = ClusterView.Empty(2).With(s_anton).Settle().WithoutDead(s_anton.Id, 5).Settle();
        Assert.Null(view.OwnerOf(0));
        Assert.Equal(s_anton.Id, view.Units[0].Owner);
        // Whoever comes next still has to know whose they were.
        view = view.With(s_berta).Settle();
        Assert.All(view.Units, unit => Assert.Equal(new UnitOwner(s_berta.Id, 2, s_anton.Id), unit));
        Assert.Single(view.Departed);
    }

    [Fact]
    public void A_silo_that_leaves_or_stands_by_is_given_nothing()
    {
        var view = ClusterView.Empty(4).With(s_anton).Settle().With(s_berta).Settle()
            .With(s_anton with { State = MemberState.Leaving }).Settle();
        Assert.All(PartitionMap.Assign(view), owner => Assert.Equal(s_berta.Id, owner));
        view = view.With(s_berta with { State = MemberState.Standby }).Settle();
        Assert.All(PartitionMap.Assign(view), Assert.Null);
        Assert.Equal(s_anton.Id, view.Units[0].Owner);
    }

    [Fact]
    public void A_view_is_read_as_it_was_written()
    {
        var view = ClusterView.Empty(3).With(s_anton).Settle().With(s_berta with { Unreachable = ["anton"] }).Settle()
            .WithoutDead(s_anton.Id, 9).Settle();
        var read = ClusterView.Parse(view.ToBytes());
        Assert.Equal(view.ToBytes(), read.ToBytes());
        Assert.Equal(view.Units, read.Units);
        Assert.Equal(["anton"], read.Members[0].Unreachable!);
    }

    [Fact]
    public void Of_two_silos_that_cannot_reach_each_other_one_gives_way()
    {
        var view = ClusterView.Empty(4).With(s_anton).With(s_berta).With(Silo("caesar", 3));
        Assert.All(view.Members, member => Assert.False(ClusterNode.StandsBy(view, member.Id.Name)));

        // It is enough that one of them says so.
        view = view.With(s_anton with { Unreachable = ["berta"] });
        Assert.False(ClusterNode.StandsBy(view, "anton"));
        Assert.True(ClusterNode.StandsBy(view, "berta"));
        Assert.False(ClusterNode.StandsBy(view, "caesar"));

        // Who is out of reach for more of the others goes, whatever its name.
        view = view.With(s_anton with { Unreachable = ["berta", "caesar"] });
        Assert.True(ClusterNode.StandsBy(view, "anton"));
        Assert.False(ClusterNode.StandsBy(view, "berta"));

        // And nobody gives way to one that stands by.
        view = view.With(s_anton with { Unreachable = ["berta", "caesar"], State = MemberState.Standby });
        Assert.False(ClusterNode.StandsBy(view, "caesar"));
        Assert.True(ClusterNode.StandsBy(view, "anton"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"version":1,"members":[],"units":[],"departed":[]}""")]
    public void What_is_no_view_is_refused(string text) =>
        Assert.Throws<FormatException>(() => ClusterView.Parse(System.Text.Encoding.UTF8.GetBytes(text)));

    private static Member Silo(string name, long incarnation) =>
        new(new MemberId(name, incarnation), new SiloAddress("127.0.0.1", 1000), 1, 1, MemberState.Active);
}
