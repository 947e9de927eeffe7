using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Grid.Codec;
using Grid.Codes;

namespace Grid.Tests.Codec;

public class CopyTests
{
    [Fact]
    public void A_copy_is_equal_and_shares_nothing_that_can_change() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var value = new RichValues(seed).Rich();
            var before = RoundTripTests.Shown(value);
            var copy = Codec<Rich>.Copy(value);
            Assert.Equal(before, RoundTripTests.Shown(copy));

            Change(copy);
            Assert.Equal(before, RoundTripTests.Shown(value));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_cannot_change_is_not_copied()
    {
        var leaf = new Leaf("a", 1);
        Assert.Same(leaf, Codec<Leaf>.Copy(leaf));
        var circle = new Circle("red", 1);
        Assert.Same(circle, Codec<Shape>.Copy(circle));
        var cause = new Cause(Guid.Empty, default, default, "", 1, default, null);
        Assert.Same(cause, Codec<Cause>.Copy(cause));
        var label = new Labelled([1], [2], [3]);
        Assert.Same(label, Codec<Labelled>.Copy(label));
    }

    [Fact]
    public void A_member_marked_immutable_is_shared_and_its_neighbour_is_not()
    {
        var value = new PartlyShared { Shared = [1], Own = [2] };
        var copy = Codec<PartlyShared>.Copy(value);

        Assert.Same(value.Shared, copy.Shared);
        Assert.NotSame(value.Own, copy.Own);
    }

    [Fact]
    public void A_record_that_holds_a_list_is_copied_though_it_has_no_setter()
    {
        var value = new Holder([1, 2], ImmutableArray.Create(new Tree { Value = 1 }));
        var copy = Codec<Holder>.Copy(value);

        copy.Numbers.Add(3);
        copy.Trees[0].Value = 2;
        Assert.Equal([1, 2], value.Numbers);
        Assert.Equal(1, value.Trees[0].Value);
    }

    [Fact]
    public void A_type_that_leads_to_a_mutable_one_through_another_is_copied()
    {
        // Each refers to the other, so that neither may be called immutable while the other is being looked at.
        var value = new Outward(new Inward(null, "a"), [1]);
        Assert.NotSame(value, Codec<Outward>.Copy(value));
        var inward = new Inward(value, "b");
        Assert.NotSame(inward.Outward!.Numbers, Codec<Inward>.Copy(inward).Outward!.Numbers);
    }

    [Fact]
    public void A_copy_keeps_the_comparer()
    {
        var value = new Indexed { ByName = new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }, Names = new(StringComparer.OrdinalIgnoreCase) { "a" } };
        var copy = Codec<Indexed>.Copy(value);
        Assert.True(copy.ByName.ContainsKey("A"));
        Assert.Contains("A", copy.Names);
    }

    [Fact]
    public void A_value_that_contains_itself_ends_in_an_exception_and_not_in_a_crash()
    {
        var tree = new Tree();
        tree.Children.Add(tree);
        Assert.Throws<InsufficientExecutionStackException>(() => Codec<Tree>.Copy(tree));
    }

    private static void Change(Rich value)
    {
        value.Bytes.AsSpan().Fill(0x55);
        value.MaybeBytes.AsSpan().Fill(0x55);
        value.Hidden.Touch();
        if (value.Tree is { } tree)
            Change(tree);
        value.Dated.Steps.Add(9);
        var collections = value.Collections;
        collections.Ints.AsSpan().Fill(77);
        collections.Texts.Add("more");
        collections.MaybeLeaves?.Clear();
        foreach (var list in collections.Lists.Values)
            list.Add(5);
        collections.Lists.Clear();
        collections.Set.Add(4711);
        ((Guid[])collections.Guids).AsSpan().Fill(Guid.AllBitsSet);
        ((Dictionary<int, string>)collections.Names)[4711] = "more";
        collections.Gaps.Add(null);
        collections.TextsWithGaps.AsSpan().Fill("gap");
        foreach (var points in collections.Points?.Values ?? Enumerable.Empty<Point[]>())
            points.AsSpan().Fill(new Point(5, 5));
        collections.Shapes.Add(new Circle("more", 1));
        foreach (var inner in collections.Nested)
            inner.Add(6);
        collections.Four.Item4.AsSpan().Fill(0x55);
        collections.Foreign.AsSpan().Clear();
    }

    private static void Change(Tree tree)
    {
        tree.Value++;
        foreach (var child in tree.Children)
            Change(child);
        tree.Children.Add(new Tree());
    }
}

[GenerateSerializer, Immutable]
internal sealed record Labelled([property: Id(0)] byte[] Key, [property: Id(1)] List<int> Numbers, [property: Id(2)] int[] Others);

[GenerateSerializer]
internal sealed class PartlyShared
{
    [Id(0), Immutable] public byte[] Shared { get; set; } = [];

    [Id(1)] public byte[] Own { get; set; } = [];
}

[GenerateSerializer]
internal sealed record Holder([property: Id(0)] List<int> Numbers, [property: Id(1)] ImmutableArray<Tree> Trees);

[GenerateSerializer]
internal sealed record Outward([property: Id(0)] Inward? Inward, [property: Id(1)] List<int> Numbers);

[GenerateSerializer]
internal sealed record Inward([property: Id(0)] Outward? Outward, [property: Id(1)] string Name);

[GenerateSerializer]
internal sealed class Indexed
{
    [Id(0)] public Dictionary<string, int> ByName { get; set; } = [];

    [Id(1)] public HashSet<string> Names { get; set; } = [];
}
