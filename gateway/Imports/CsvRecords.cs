using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Grid.Gateway.Json;

namespace Grid.Gateway.Imports;

/// <summary>
/// Reads CSV records by RFC 4180. <see cref="LineReader"/> finds the end of a record, the library reads its values. A
/// record that the two parse differently is refused, so that no text inside a value becomes a record.
/// </summary>
internal sealed class CsvRecords
{
    private const int BufferCharacters = 512;

    private readonly Encoding _encoding;
    private readonly CsvConfiguration _rules;
    private bool _isBad;

    /// <param name="encoding">Throws on invalid bytes; see <see cref="Charsets"/>.</param>
    internal CsvRecords(Encoding encoding)
    {
        _encoding = encoding;
        _rules = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Mode = CsvMode.RFC4180,
            Delimiter = ",",
            DetectDelimiter = false,
            HasHeaderRecord = false,
            IgnoreBlankLines = false,
            TrimOptions = TrimOptions.None,
            BufferSize = BufferCharacters,
            BadDataFound = _ => _isBad = true,
        };
    }

    /// <summary>The values; null when the bytes are not one record: a misplaced quote, or invalid bytes.</summary>
    internal string[]? Read(ReadOnlySpan<byte> record)
    {
        string text;
        try
        {
            text = _encoding.GetString(record);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        _isBad = false;
        using var parser = new CsvParser(new StringReader(text), _rules);
        if (!parser.Read())
            return null;
        var values = parser.Record;
        return _isBad || IsOpen(text) || parser.Read() ? null : values;
    }

    // The library accepts the end of the text as the end of a quoted value.
    private static bool IsOpen(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        foreach (var c in text)
            isQuoted ^= c == '"';
        return isQuoted;
    }
}
