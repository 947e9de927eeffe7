using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grid.Gateway.Tokens;

namespace Grid.Tests.Tokens;

public sealed class Base45Tests
{
    // The examples of RFC 9285, section 4.
    [Theory]
    [InlineData("AB", "BB8")]
    [InlineData("Hello!!", "%69 VD92EX0")]
    [InlineData("base-45", "UJCLQE7W581")]
    [InlineData("ietf!", "QED8WEX0")]
    [InlineData("", "")]
    public void The_examples_of_the_standard_are_encoded_and_decoded(string text, string encoded)
    {
        var ascii = new byte[Base45.EncodedLength(text.Length)];
        Assert.Equal(encoded.Length, Base45.Encode(Encoding.ASCII.GetBytes(text), ascii));
        Assert.Equal(encoded, Encoding.ASCII.GetString(ascii));

        var bytes = new byte[text.Length];
        Assert.True(Base45.TryDecode(ascii, bytes, out var length));
        Assert.Equal(text, Encoding.ASCII.GetString(bytes.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("GGW")] // 65536, one above two bytes
    [InlineData(":::")]
    [InlineData("::")] // more than one byte
    [InlineData("V5")] // 256, one above one byte
    [InlineData("bb8")] // lower case
    [InlineData("B")]
    [InlineData("BB8A")]
    [InlineData("B#8")]
    public void Non_canonical_text_is_refused(string text) =>
        Assert.False(Base45.TryDecode(Encoding.ASCII.GetBytes(text), new byte[16], out _));

    [Fact]
    public void Any_bytes_round_trip() =>
        Prop.ForAll<byte[]>(bytes =>
            {
                var ascii = new byte[Base45.EncodedLength(bytes.Length)];
                Base45.Encode(bytes, ascii);
                var back = new byte[bytes.Length];
                return Base45.TryDecode(ascii, back, out var length)
                    && length == bytes.Length
                    && back.AsSpan().SequenceEqual(bytes);
            })
            .QuickCheckThrowOnFailure();
}
