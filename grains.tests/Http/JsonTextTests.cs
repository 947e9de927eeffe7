using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Grid.Gateway.Json;

namespace Grid.Tests.Http;

public sealed class JsonTextTests
{
    [Fact]
    public void Any_text_is_read_back_unchanged() =>
        Prop.ForAll<NonNull<string>>(text =>
            {
                var whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
                return Read(Written(whole)) == whole && Read(WrittenUtf8(whole)) == whole;
            })
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("张*")]
    [InlineData("\u0000\u001f\"\\/\u007f")]
    [InlineData("\U00020BB7")]
    public void Awkward_texts_are_read_back(string text)
    {
        Assert.Equal(text, Read(Written(text)));
        Assert.Equal(text, Read(WrittenUtf8(text)));
    }

    [Fact]
    public void Any_moment_is_written_in_utc_to_the_second() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(-840, 840).ToArbitrary(), (seconds, offset) =>
            {
                var moment = DateTimeOffset.FromUnixTimeSeconds(seconds * 2L).ToOffset(TimeSpan.FromMinutes(offset));
                var json = new JsonText(stackalloc byte[64]);
                json.Time(moment);
                var expected = moment.UtcDateTime.ToString(
                    "'\"'yyyy-MM-dd'T'HH:mm:ss'Z\"'",
                    CultureInfo.InvariantCulture
                );
                return Encoding.ASCII.GetString(json.Written) == expected;
            })
            .QuickCheckThrowOnFailure();

    private static byte[] Written(string text)
    {
        var json = new JsonText(new byte[2 + text.Length * 6 + 8]);
        json.Byte((byte)'"');
        json.Text(text);
        json.Byte((byte)'"');
        return json.Written.ToArray();
    }

    private static byte[] WrittenUtf8(string text)
    {
        var json = new JsonText(new byte[2 + text.Length * 6 + 8]);
        json.Byte((byte)'"');
        json.Text(Encoding.UTF8.GetBytes(text));
        json.Byte((byte)'"');
        return json.Written.ToArray();
    }

    private static string? Read(byte[] json) => JsonSerializer.Deserialize<string>(json);
}
