using System.Text;

namespace Grid.Gateway.Http;

/// <summary>One line of comma-separated values (RFC 4180), without line breaks inside a value.</summary>
internal static class CsvLine
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The values, or null when the line is not such a line: a quote out of place, or bytes that are not UTF-8.</summary>
    internal static List<string>? Split(ReadOnlySpan<byte> line)
    {
        string text;
        try
        {
            text = Strict.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        var values = new List<string>();
        for (var at = 0; ;)
        {
            if (Value(text, ref at) is not { } value)
                return null;
            values.Add(value);
            if (at == text.Length)
                return values;
            // Value stops at a comma or at the end.
            at++;
        }
    }

    private static string? Value(string text, ref int at)
    {
        if (at == text.Length || text[at] != '"')
        {
            var comma = text.IndexOf(',', at);
            var plain = text[at..(at = comma < 0 ? text.Length : comma)];
            return plain.Contains('"') ? null : plain;
        }

        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                value.Append(text[at]);
                continue;
            }

            at++;
            if (at == text.Length || text[at] == ',')
                return value.ToString();
            if (text[at] != '"')
                return null;
            value.Append('"');
        }

        return null;
    }
}
