namespace Grid.Gateway.Tokens;

/// <summary>
/// Base45 of RFC 9285: two bytes become three characters of the QR alphanumeric set. Strict: it refuses a group above
/// its range, a lower-case letter and a left-over character, so that each byte sequence has exactly one text.
/// </summary>
public static class Base45
{
    private const byte None = 0xFF;

    private static ReadOnlySpan<byte> Alphabet => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"u8;

    private static readonly byte[] Values = MakeValues();

    /// <summary>The number of characters for a number of bytes.</summary>
    public static int EncodedLength(int bytes) => bytes / 2 * 3 + bytes % 2 * 2;

    /// <summary>Writes <see cref="EncodedLength"/> ASCII characters.</summary>
    public static int Encode(ReadOnlySpan<byte> bytes, Span<byte> ascii)
    {
        var at = 0;
        for (var i = 0; i + 1 < bytes.Length; i += 2)
        {
            var (high, rest) = Math.DivRem((uint)((bytes[i] << 8) | bytes[i + 1]), 45u * 45u);
            var (middle, low) = Math.DivRem(rest, 45u);
            ascii[at + 2] = Alphabet[(int)high];
            ascii[at + 1] = Alphabet[(int)middle];
            ascii[at] = Alphabet[(int)low];
            at += 3;
        }
        if (bytes.Length % 2 == 0)
            return at;
        var (second, first) = Math.DivRem((uint)bytes[^1], 45u);
        ascii[at++] = Alphabet[(int)first];
        ascii[at++] = Alphabet[(int)second];
        return at;
    }

    /// <summary>Decodes strictly; false when the text is not canonical Base45 or does not fit.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> ascii, Span<byte> bytes, out int length)
    {
        length = 0;
        if (ascii.Length % 3 == 1 || ascii.Length / 3 * 2 + ascii.Length % 3 / 2 > bytes.Length)
            return false;
        var i = 0;
        for (; i + 3 <= ascii.Length; i += 3)
        {
            int low = Values[ascii[i]],
                middle = Values[ascii[i + 1]],
                high = Values[ascii[i + 2]];
            if (low == None || middle == None || high == None)
                return false;
            var pair = low + 45 * middle + 45 * 45 * high;
            if (pair > ushort.MaxValue)
                return false;
            bytes[length++] = (byte)(pair >> 8);
            bytes[length++] = (byte)pair;
        }
        if (i == ascii.Length)
            return true;
        int first = Values[ascii[i]],
            second = Values[ascii[i + 1]];
        if (first == None || second == None || first + 45 * second > byte.MaxValue)
            return false;
        bytes[length++] = (byte)(first + 45 * second);
        return true;
    }

    private static byte[] MakeValues()
    {
        var values = new byte[256];
        Array.Fill(values, None);
        for (var i = 0; i < Alphabet.Length; i++)
            values[Alphabet[i]] = (byte)i;
        return values;
    }
}
