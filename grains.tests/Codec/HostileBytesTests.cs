using FsCheck;
using FsCheck.Fluent;
using Grid.Codec;

namespace Grid.Tests.Codec;

public class HostileBytesTests
{
    private const int Mutations = 200;

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            ReadOrRefuse<Rich>(bytes);
            ReadOrRefuse<Shape>(bytes);
            ReadOrRefuse<string>(bytes);
            ReadOrRefuse<DateTimeOffset>(bytes);
            ReadOrRefuse<DateTime>(bytes);
            ReadOrRefuse<decimal>(bytes);
            ReadOrRefuse<Exception>(bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void A_value_cut_short_anywhere_is_refused()
    {
        var bytes = Codec<Rich>.Encode(new RichValues(7).Rich());
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<CodecException>(() => Codec<Rich>.Decode(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void A_byte_behind_the_value_is_refused() =>
        Assert.Throws<CodecException>(() => Codec<Rich>.Decode([.. Codec<Rich>.Encode(new Rich()), 0]));

    [Fact]
    public void Damaged_bytes_are_read_or_refused() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var bytes = Codec<Rich>.Encode(new RichValues(seed).Rich());
            for (var mutation = 0; mutation < Mutations; mutation++)
            {
                var damaged = (byte[])bytes.Clone();
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                ReadOrRefuse<Rich>(damaged);
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02 })] // 2^64
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })] // eleven bytes
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { })]
    public void A_number_that_is_none_is_refused(byte[] bytes) =>
        Assert.Throws<CodecException>(() => Codec<ulong>.Decode(bytes));

    [Fact]
    public void A_number_too_large_for_its_type_is_refused()
    {
        Assert.Throws<CodecException>(() => Codec<int>.Decode(Codec<ulong>.Encode(1UL << 32)));
        Assert.Throws<CodecException>(() => Codec<byte>.Decode(Codec<uint>.Encode(256)));
        Assert.Throws<CodecException>(() => Codec<sbyte>.Decode(Codec<int>.Encode(128)));
        Assert.Throws<CodecException>(() => Codec<bool>.Decode([2]));
    }

    [Fact]
    public void Text_that_is_no_utf8_is_refused() => Assert.Throws<CodecException>(() => Codec<string>.Decode([3, 0xC3, 0x28]));

    [Fact]
    public void Nesting_deeper_than_the_limit_is_refused_without_a_stack_overflow()
    {
        // Trees in trees, from the innermost out: a body of one field (1, bytes) that is a list of one tree.
        byte[] bytes = [1];
        for (var depth = 0; depth < 10_000; depth++)
        {
            byte[] list = [1, .. bytes];
            bytes = Message([10, .. Message(list)]);
        }

        Assert.Throws<CodecException>(() => Codec<Tree>.Decode(bytes));
    }

    [Fact]
    public void A_count_or_a_length_that_lies_costs_no_memory()
    {
        byte[] length = [0xFF, 0xFF, 0xFF, 0xFF, 0x07]; // 2 GB, or 2 G elements
        byte[] elements = [2, .. Message(length)]; // field 0, an array
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CodecException>(() => Codec<string>.Decode(length));
        Assert.Throws<CodecException>(() => Codec<byte[]>.Decode(length));
        Assert.Throws<CodecException>(() => Codec<RichCollections>.Decode(length));
        Assert.Throws<CodecException>(() => Codec<RichCollections>.Decode(Message(elements)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    public void Room_for_elements_is_made_as_they_arrive()
    {
        // The count is as large as the bytes allow, but the first element is none.
        const int Promised = 8 * 1024 * 1024;
        var elements = new byte[Promised];
        elements.AsSpan().Fill(0xFF);
        var bytes = Message([10, .. Message([.. Codec<uint>.Encode(Promised), .. elements])]); // field 1, a list

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CodecException>(() => Codec<RichCollections>.Decode(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    public void A_dictionary_with_a_key_twice_is_refused()
    {
        byte[] twice = [2, 2, (byte)'a', 1, 2, (byte)'a', 1]; // two entries "a" with empty lists
        Assert.Throws<CodecException>(() => Codec<RichCollections>.Decode(Message([26, .. Message(twice)])));
    }

    private static byte[] Message(byte[] body) => [.. Codec<uint>.Encode((uint)body.Length + 1), .. body];

    private static void ReadOrRefuse<T>(byte[] bytes)
    {
        try
        {
            Codec<T>.Decode(bytes);
        }
        catch (CodecException)
        {
            // Refused; any other exception fails the test.
        }
    }
}
