using System.Buffers.Text;
using System.Text;

namespace Grid.Gateway.Json;

/// <summary>
/// Writes JSON into a buffer that must be large enough. It knows no structure: the caller writes braces and commas as
/// fragments encoded at compile time, which makes it fast.
/// </summary>
internal ref struct JsonText(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;

    /// <summary>The bytes written so far.</summary>
    internal readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>The remaining buffer, for another writer; call <see cref="Advance"/> afterwards.</summary>
    internal readonly Span<byte> Free => _buffer[_length..];

    internal void Advance(int bytes) => _length += bytes;

    /// <summary>Writes bytes that are JSON already.</summary>
    internal void Raw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(_buffer[_length..]);
        _length += json.Length;
    }

    internal void Byte(byte value) => _buffer[_length++] = value;

    internal void Number(long value)
    {
        Utf8Formatter.TryFormat(value, _buffer[_length..], out var written);
        _length += written;
    }

    internal void Bool(bool value) => Raw(value ? "true"u8 : "false"u8);

    /// <summary>
    /// Writes a string's content with minimal escapes, up to six bytes a character; the caller writes the quotes.
    /// </summary>
    internal void Text(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or '"' or '\\' or > '~')
            {
                Escaped(text);
                return;
            }
        }
        _length += Encoding.ASCII.GetBytes(text, _buffer[_length..]);
    }

    /// <summary>Writes a string's content from UTF-8; the caller writes the quotes.</summary>
    internal void Text(ReadOnlySpan<byte> utf8)
    {
        foreach (var b in utf8)
        {
            if (b is < (byte)' ' or (byte)'"' or (byte)'\\')
                Escape(b);
            else
                _buffer[_length++] = b;
        }
    }

    internal void Guid(Guid value)
    {
        Utf8Formatter.TryFormat(value, _buffer[_length..], out var written);
        _length += written;
    }

    /// <summary>Writes a time in quotes, to the second: <c>"2022-01-04T09:00:00Z"</c>.</summary>
    internal void Time(DateTimeOffset value)
    {
        var to = _buffer.Slice(_length, 22);
        var utc = value.UtcDateTime;
        var (year, month, day) = utc;
        to[0] = (byte)'"';
        TwoDigits(to[1..], year / 100);
        TwoDigits(to[3..], year % 100);
        to[5] = (byte)'-';
        TwoDigits(to[6..], month);
        to[8] = (byte)'-';
        TwoDigits(to[9..], day);
        to[11] = (byte)'T';
        var seconds = (int)(utc.TimeOfDay.Ticks / TimeSpan.TicksPerSecond);
        TwoDigits(to[12..], seconds / 3600);
        to[14] = (byte)':';
        TwoDigits(to[15..], seconds / 60 % 60);
        to[17] = (byte)':';
        TwoDigits(to[18..], seconds % 60);
        to[20] = (byte)'Z';
        to[21] = (byte)'"';
        _length += 22;
    }

    /// <summary>Writes a time in quotes, or <c>null</c>.</summary>
    internal void Time(DateTimeOffset? value)
    {
        if (value is { } time)
            Time(time);
        else
            Raw("null"u8);
    }

    private void Escaped(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is < ' ' or '"' or '\\')
                Escape((byte)rune.Value);
            else
                _length += rune.EncodeToUtf8(_buffer[_length..]);
        }
    }

    private void Escape(byte value)
    {
        if (value >= ' ')
        {
            Byte((byte)'\\');
            Byte(value);
            return;
        }
        Raw("\\u00"u8);
        Byte((byte)('0' + (value >> 4)));
        Byte((byte)((value & 15) < 10 ? '0' + (value & 15) : 'a' - 10 + (value & 15)));
    }

    private static void TwoDigits(Span<byte> to, int value)
    {
        var (tens, ones) = Math.DivRem((uint)value, 10u);
        to[1] = (byte)('0' + ones);
        to[0] = (byte)('0' + tens);
    }
}
