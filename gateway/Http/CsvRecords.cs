using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Grid.Gateway.Http;

/// <summary>
/// Reads records of comma-separated values by RFC 4180. <see cref="LineReader"/> finds where a record ends, the library
/// reads its values; a record that the two understand differently is refused, so that no text inside a value is ever
/// taken for a record of its own.
/// </summary>
/// <param name="encoding">Throws at bytes that it does not know; see <see cref="Charsets"/>.</param>
internal sealed class CsvRecords(Encoding encoding)
{
    private const int BufferCharacters = 512;

    private readonly CsvConfiguration _rules = new(CultureInfo.InvariantCulture)
    {
        Mode = CsvMode.RFC4180,
        Delimiter = ",",
        DetectDelimiter = false,
        HasHeaderRecord = false,
        IgnoreBlankLines = false,
        TrimOptions = TrimOptions.None,
        BufferSize = BufferCharacters,
        BadDataFound = null,
    };

    private bool _isBad;

    /// <summary>The values, or null when the bytes are not one record: a quote out of place, or no text in this encoding.</summary>
    internal string[]? Read(ReadOnlySpan<byte> record)
    {
        string text;
        try
        {
            text = encoding.GetString(record);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        _isBad = false;
        _rules.BadDataFound ??= _ => _isBad = true;
        using var parser = new CsvParser(new StringReader(text), _rules);
        if (!parser.Read())
            return null;
        var values = parser.Record;
        return _isBad || IsOpen(text) || parser.Read() ? null : values;
    }

    // The library takes the end of the text for the end of a quoted value.
    private static bool IsOpen(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        foreach (var c in text)
            isQuoted ^= c == '"';
        return isQuoted;
    }
}
