using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Grid.Codec;

namespace Grid.Tests.Codec;

public class RoundTripTests
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public void A_value_with_every_kind_of_member_reads_as_it_was_written() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var value = new RichValues(seed).Rich();
            var bytes = Codec<Rich>.Encode(value);
            var read = Codec<Rich>.Decode(bytes)!;
            Assert.Equal(Shown(value), Shown(read));
            Assert.Equal(bytes, Codec<Rich>.Encode(read));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_buffer_writer_gets_the_same_bytes_as_an_array() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var value = new RichValues(seed).Rich();
            var target = new ArrayBufferWriter<byte>(1);
            Codec<Rich>.Encode(value, target);
            Codec<Rich>.Encode(null, target);
            Assert.Equal([.. Codec<Rich>.Encode(value), 0], target.WrittenSpan.ToArray());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_number_any_text_and_any_moment_reads_as_it_was_written()
    {
        Check<long>();
        Check<int>();
        Check<ulong>();
        Check<uint>();
        Check<short>();
        Check<char>();
        Check<double>();
        Check<float>();
        Check<decimal>();
        Check<Guid>();
        Check<DateTime>();
        Check<TimeSpan>();
        Check<byte[]>();

        static void Check<T>() => Prop.ForAll(ArbMap.Default.ArbFor<T>(), value =>
            Assert.Equal(value, Codec<T>.Decode(Codec<T>.Encode(value)))).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00.0000000+00:00")]
    [InlineData("0001-01-01T00:00:00.0000001+00:00")]
    [InlineData("9999-12-31T23:59:59.9999999+00:00")]
    [InlineData("2021-12-20T07:40:00.0000000+08:00")]
    [InlineData("2021-12-20T07:40:00.1230000+00:00")]
    [InlineData("1969-12-31T23:59:59.9990000-14:00")]
    [InlineData("9999-12-31T23:59:59.9999999+14:00")]
    public void A_moment_keeps_its_ticks_and_its_offset(string text)
    {
        var moment = DateTimeOffset.ParseExact(text, "O", null);
        var read = Codec<DateTimeOffset>.Decode(Codec<DateTimeOffset>.Encode(moment));
        Assert.True(moment.EqualsExact(read), $"{read:O} was read");
    }

    [Fact]
    public void Half_a_surrogate_pair_is_written_as_the_replacement_character() =>
        Assert.Equal("a\uFFFDb", Codec<string>.Decode(Codec<string>.Encode("a\uD83Cb")));

    [Theory]
    [InlineData(0)]
    [InlineData(41)]
    [InlineData(42)]
    [InlineData(43)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(16_382)]
    [InlineData(16_384)]
    [InlineData(100_000)]
    public void Text_of_any_length_reads_as_it_was_written(int length)
    {
        foreach (var character in "aé雁")
        {
            var text = new string(character, length);
            Assert.Equal(text, Codec<string>.Decode(Codec<string>.Encode(text)));
        }
    }

    [Fact]
    public void A_derived_class_is_read_as_itself_through_its_base()
    {
        Shape[] shapes = [new Circle("red", 1.5), new Square("green", 2), new Cube("blue", 3) { Hollow = true }];
        foreach (var shape in shapes)
        {
            var read = Codec<Shape>.Decode(Codec<Shape>.Encode(shape));
            Assert.Equal(shape, read);
            Assert.Equal(shape.GetType(), read!.GetType());
        }

        Assert.IsType<Cube>(Codec<Square>.Decode(Codec<Square>.Encode(new Cube("blue", 3))));
    }

    [Fact]
    public void A_value_that_contains_itself_is_refused()
    {
        var tree = new Tree();
        tree.Children.Add(tree);
        Assert.Throws<CodecException>(() => Codec<Tree>.Encode(tree));
    }

    [Fact]
    public void A_type_without_a_codec_is_named()
    {
        var refusal = Assert.Throws<CodecException>(() => Codec<Uri>.Instance);
        Assert.Contains("System.Uri", refusal.Message, StringComparison.Ordinal);
    }

    internal static string Shown(Rich value) => JsonSerializer.Serialize(value, s_json);
}
