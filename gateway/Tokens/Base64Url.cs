namespace Grid.Gateway.Tokens;

/// <summary>
/// Base64url without padding, and only the canonical form: the framework's decoder ignores the unused bits of the last
/// character, so that several texts would stand for one token.
/// </summary>
internal static class Base64Url
{
    private const byte None = 0xFF;

    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8;

    private static readonly byte[] Values = MakeValues();

    internal static int EncodedLength(int bytes) => (bytes * 8 + 5) / 6;

    internal static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[EncodedLength(bytes.Length)];
        int at = 0, bits = 0, held = 0;
        foreach (var b in bytes)
        {
            held = (held << 8) | b;
            bits += 8;
            while (bits >= 6)
            {
                bits -= 6;
                text[at++] = (char)Alphabet[(held >> bits) & 63];
            }
            held &= (1 << bits) - 1;
        }
        if (bits > 0)
            text[at] = (char)Alphabet[(held << (6 - bits)) & 63];
        return new string(text);
    }

    /// <summary>Decodes canonical text that fits; anything else is false.</summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes, out int length)
    {
        length = text.Length * 6 / 8;
        if (length > bytes.Length || text.Length % 4 == 1)
            return false;
        var values = Values;
        int at = 0, i = 0;
        for (; i + 4 <= text.Length; i += 4)
        {
            int a = Value(values, text[i]), b = Value(values, text[i + 1]), c = Value(values, text[i + 2]), d = Value(values, text[i + 3]);
            if ((a | b | c | d) > 63)
                return false;
            var word = (a << 18) | (b << 12) | (c << 6) | d;
            bytes[at++] = (byte)(word >> 16);
            bytes[at++] = (byte)(word >> 8);
            bytes[at++] = (byte)word;
        }
        return i == text.Length || TryDecodeTail(text[i..], bytes[at..]);
    }

    private static bool TryDecodeTail(ReadOnlySpan<char> tail, Span<byte> bytes)
    {
        int a = Value(Values, tail[0]), b = Value(Values, tail[1]), c = tail.Length == 3 ? Value(Values, tail[2]) : 0;
        if ((a | b | c) > 63)
            return false;
        bytes[0] = (byte)((a << 2) | (b >> 4));
        if (tail.Length == 2)
            return (b & 15) == 0;
        bytes[1] = (byte)((b << 4) | (c >> 2));
        return (c & 3) == 0;
    }

    private static int Value(byte[] values, char c) => c < values.Length ? values[c] : None;

    private static byte[] MakeValues()
    {
        var values = new byte[128];
        Array.Fill(values, None);
        for (var i = 0; i < Alphabet.Length; i++)
            values[Alphabet[i]] = (byte)i;
        return values;
    }
}
