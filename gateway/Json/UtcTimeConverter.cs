using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grid.Gateway.Errors;

namespace Grid.Gateway.Json;

/// <summary>
/// RFC 3339: writes UTC with a Z; reads a Z or an offset. Refuses a time without a zone as ambiguous.
/// </summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    private const int DateLength = 10;
    private const int MaxTextLength = 256;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out var time) || !HasZone(reader))
            throw new FieldFormatException("is a time in RFC 3339 with a zone, such as 2026-01-04T09:00:00Z");
        return time;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[33];
        var utc = value.UtcDateTime;
        // Write whole seconds without a fraction, as the display does.
        var length =
            utc.Ticks % TimeSpan.TicksPerSecond == 0 ? Whole(utc, text)
            : Utf8Formatter.TryFormat(utc, text, out var written, 'O') ? written
            : 0;
        writer.WriteStringValue(text[..length]);
    }

    private static int Whole(DateTime utc, Span<byte> text)
    {
        utc.TryFormat(
            text,
            out var length,
            "yyyy-MM-dd'T'HH:mm:ss'Z'",
            System.Globalization.CultureInfo.InvariantCulture
        );
        return length;
    }

    private static bool HasZone(in Utf8JsonReader reader)
    {
        // Some writers escape the plus sign.
        Span<byte> text = stackalloc byte[MaxTextLength];
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > text.Length)
            return false;
        text = text[..reader.CopyString(text)];
        return text.Length > DateLength
            && (text[^1] == (byte)'Z' || text[DateLength..].IndexOfAny((byte)'+', (byte)'-') >= 0);
    }
}
