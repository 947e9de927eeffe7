using Grid.Codec;

namespace Grid.Tests.Codec;

public class VersionToleranceTests
{
    private static readonly DateTimeOffset s_local = new(2022, 1, 4, 9, 0, 0, TimeSpan.FromHours(8));

    private static readonly NewTube s_new = new()
    {
        Capacity = 20,
        Site = "雁塔-12",
        Sealed = s_local,
        Members = [new NewMember(Guid.Empty, 7, 2.5f), new NewMember(Guid.AllBitsSet, 8, -1)],
        Labels = new() { ["a"] = [1, 2], ["b"] = [] },
        Weight = 1.5,
        Price = 16.00m,
        Key = Guid.AllBitsSet,
    };

    [Fact]
    public void An_old_version_steps_over_fields_of_every_wire_type()
    {
        var read = Codec<OldTube>.Decode(Codec<NewTube>.Encode(s_new))!;

        Assert.Equal(20, read.Capacity);
        Assert.Equal([new OldMember(7), new OldMember(8)], read.Members);
    }

    [Fact]
    public void A_new_version_reads_missing_fields_as_empty_null_default_or_what_the_initialiser_says()
    {
        var read = Codec<NewTube>.Decode(Codec<OldTube>.Encode(new OldTube { Capacity = 5, Members = [new OldMember(3)] }))!;

        Assert.Equal(5, read.Capacity);
        Assert.Equal("", read.Site);
        Assert.Null(read.Sealed);
        Assert.Equal([new NewMember(Guid.Empty, 3, 0)], read.Members);
        Assert.Empty(read.Labels);
        Assert.Null(read.Note);
        Assert.Equal(4, read.Temperature);
        Assert.Equal("swab", read.Method);
    }

    [Fact]
    public void What_an_initialiser_says_does_not_replace_what_was_written()
    {
        var read = Codec<NewTube>.Decode(Codec<NewTube>.Encode(new NewTube { Temperature = 0, Method = "" }))!;

        Assert.Equal(0, read.Temperature);
        Assert.Equal("", read.Method);
    }

    [Fact]
    public void A_member_that_changed_its_wire_type_is_refused_rather_than_dropped()
    {
        var bytes = Codec<OldTube>.Encode(new OldTube { Capacity = 5 });

        var refusal = Assert.Throws<CodecException>(() => Codec<RetypedTube>.Decode(bytes));
        Assert.Contains("Field 0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_member_added_to_a_record_without_ids_leaves_its_parameters_where_they_are()
    {
        Assert.Equal(new LongLabel("a", 2), Codec<LongLabel>.Decode(Codec<ShortLabel>.Encode(new ShortLabel("a", 2))));
        Assert.Equal(
            new ShortLabel("a", 2),
            Codec<ShortLabel>.Decode(Codec<LongLabel>.Encode(new LongLabel("a", 2) { Colour = "red" })));
    }

    [Fact]
    public void An_alias_that_this_version_does_not_have_is_named()
    {
        // A message of one part: the alias "hexagon".
        byte[] bytes = [10, 22, 8, .. "hexagon"u8];

        var refusal = Assert.Throws<CodecException>(() => Codec<Shape>.Decode(bytes));
        Assert.Contains("hexagon", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_enum_keeps_a_number_without_a_name() =>
        Assert.Equal((Small)200, Codec<Rich>.Decode(Codec<Rich>.Encode(new Rich { Small = (Small)200 }))!.Small);
}

[GenerateSerializer]
internal sealed class OldTube
{
    [Id(0)] public int Capacity { get; set; }

    [Id(4)] public List<OldMember> Members { get; set; } = [];
}

[GenerateSerializer]
internal readonly record struct OldMember([property: Id(1)] int Number);

[GenerateSerializer]
internal sealed class NewTube
{
    [Id(0)] public int Capacity { get; set; }
    [Id(1)] public string Site { get; set; } = "";
    [Id(2)] public DateTimeOffset? Sealed { get; set; }
    [Id(4)] public List<NewMember> Members { get; set; } = [];
    [Id(5)] public Dictionary<string, int[]> Labels { get; set; } = [];
    [Id(6)] public double Weight { get; set; }
    [Id(7)] public decimal Price { get; set; }
    [Id(8)] public Guid Key { get; set; }
    [Id(9)] public string? Note { get; set; }
    [Id(1000)] public int Temperature { get; init; } = 4;
    [Id(1001)] public string Method { get; set; } = "swab";
}

[GenerateSerializer]
internal readonly record struct NewMember([property: Id(0)] Guid Resident, [property: Id(1)] int Number, [property: Id(2)] float Share);

[GenerateSerializer]
internal sealed class RetypedTube
{
    [Id(0)] public string Capacity { get; set; } = "";
}

[GenerateSerializer]
internal sealed record ShortLabel(string Name, int Count);

[GenerateSerializer]
internal sealed record LongLabel(string Name, int Count)
{
    [Id(0)] public string? Colour { get; init; }
}
