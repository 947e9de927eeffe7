using Grid.Silo.Stores;

namespace Grid.Tests.Serialization;

/// <summary>Reads states of other versions.</summary>
public sealed class VersionTests
{
    [Fact]
    public void A_member_missing_in_older_bytes_has_its_default()
    {
        var older = StateBytes.Encode(new Short { Number = 7, Text = "kept" });
        var read = StateBytes.Decode<Long>(older);
        Assert.Equal((7, "kept"), (read.Number, read.Text));
        Assert.Equal("not said", read.Later);
        Assert.Empty(read.Within);
    }

    [Fact]
    public void An_additional_member_of_newer_bytes_is_skipped()
    {
        var newer = StateBytes.Encode(
            new Long
            {
                Number = 7,
                Text = "kept",
                Later = "later",
                Within = [new Part { Weight = [1, 2], Next = new Part() }],
            }
        );
        var read = StateBytes.Decode<Short>(newer);
        Assert.Equal((7, "kept"), (read.Number, read.Text));
    }

    [Fact]
    public void A_member_added_to_a_record_is_empty_in_older_bytes()
    {
        var read = StateBytes.Decode<LongRecord>(StateBytes.Encode(new ShortRecord("kept")));
        Assert.Equal(("kept", null, 0), (read.Text, read.Later, read.Number));
    }

    [Fact]
    public void A_widened_number_is_read()
    {
        Assert.Equal(7L, StateBytes.Decode<OneLong>(StateBytes.Encode(new OneInt { Value = 7 })).Value);
        Assert.Equal(-7L, StateBytes.Decode<OneLong>(StateBytes.Encode(new OneInt { Value = -7 })).Value);
    }

    [Fact]
    public void A_narrowed_number_is_read_if_it_fits_and_refused_otherwise()
    {
        Assert.Equal(7, StateBytes.Decode<OneInt>(StateBytes.Encode(new OneLong { Value = 7 })).Value);
        IsRefused<OneInt>(StateBytes.Encode(new OneLong { Value = long.MaxValue }));
    }

    [Fact]
    public void A_number_changed_to_text_or_back_is_refused()
    {
        IsRefused<OneText>(StateBytes.Encode(new OneInt { Value = 7 }));
        IsRefused<OneInt>(StateBytes.Encode(new OneText { Value = "seven" }));
    }

    [Fact]
    public void A_number_changed_to_a_time_is_refused() =>
        IsRefused<OneMoment>(StateBytes.Encode(new OneLong { Value = 1_640_995_200_000 }));

    // These types share a wire format. So a member never changes its type: it gets a new id.
    [Fact]
    public void Text_changed_to_bytes_and_signed_changed_to_unsigned_are_misread()
    {
        Assert.Equal(
            "ab"u8.ToArray(),
            StateBytes.Decode<OneBytes>(StateBytes.Encode(new OneText { Value = "ab" })).Value
        );
        Assert.NotEqual(7u, StateBytes.Decode<OneUnsigned>(StateBytes.Encode(new OneInt { Value = 7 })).Value);
    }

    private static void IsRefused<T>(byte[] bytes) =>
        Assert.Equal(StoreErrorCodes.Damaged, Assert.Throws<StoreException>(() => StateBytes.Decode<T>(bytes)).Code);
}

[GenerateSerializer]
public sealed class Short
{
    [Id(0)]
    public int Number { get; set; }

    [Id(1)]
    public string Text { get; set; } = "";
}

[GenerateSerializer]
public sealed class Long
{
    [Id(0)]
    public int Number { get; set; }

    [Id(1)]
    public string Text { get; set; } = "";

    [Id(2)]
    public string Later { get; set; } = "not said";

    [Id(3)]
    public Part[] Within { get; set; } = [];
}

[GenerateSerializer]
public sealed class Part
{
    [Id(0)]
    public byte[] Weight { get; set; } = [];

    [Id(1)]
    public Part? Next { get; set; }
}

[GenerateSerializer]
public sealed record ShortRecord([property: Id(0)] string Text);

[GenerateSerializer]
public sealed record LongRecord(
    [property: Id(0)] string Text,
    [property: Id(1)] string? Later,
    [property: Id(2)] int Number
);

[GenerateSerializer]
public sealed class OneInt
{
    [Id(0)]
    public int Value { get; set; }
}

[GenerateSerializer]
public sealed class OneLong
{
    [Id(0)]
    public long Value { get; set; }
}

[GenerateSerializer]
public sealed class OneUnsigned
{
    [Id(0)]
    public uint Value { get; set; }
}

[GenerateSerializer]
public sealed class OneText
{
    [Id(0)]
    public string Value { get; set; } = "";
}

[GenerateSerializer]
public sealed class OneBytes
{
    [Id(0)]
    public byte[] Value { get; set; } = [];
}

[GenerateSerializer]
public sealed class OneMoment
{
    [Id(0)]
    public DateTimeOffset Value { get; set; }
}
