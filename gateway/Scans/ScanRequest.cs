using System.Buffers;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Scans;

namespace Grid.Gateway.Scans;

/// <summary>A parsed scan. The shown code is checked and dropped; only its content stays.</summary>
/// <param name="ScanId">The scanner's id, which the answer repeats.</param>
/// <param name="Key">The id of the record: <see cref="ScanKey"/> of venue and scan id.</param>
/// <param name="VenueId">The venue.</param>
/// <param name="Token">The outcome of the token check.</param>
/// <param name="Resident">The resident of the code; empty unless the code is valid.</param>
/// <param name="Content">Digest of venue and code: the same scan id with another digest is a conflict.</param>
internal readonly record struct ScanRequest(
    string ScanId,
    string Key,
    string VenueId,
    DisplayTokenCheck Token,
    Guid Resident,
    ulong Content
);

/// <summary>A scan, for the OpenAPI document; <see cref="ScanReader"/> reads it without this type.</summary>
public sealed record ScanShape(string ScanId, string VenueId, string Token);

/// <summary>Reads scans from the bytes of a body. Allocates only the scan id.</summary>
internal sealed class ScanReader(DisplayTokens tokens, SharedIds ids)
{
    /// <summary>The longest token that is read; every code of this grid is shorter.</summary>
    internal const int MaxTokenLength = 512;

    /// <summary>Reads the object at the reader's position.</summary>
    /// <exception cref="JsonException">The text is not JSON or not an object.</exception>
    /// <exception cref="RefusedException">A field is missing or invalid.</exception>
    internal ScanRequest Read(ref Utf8JsonReader json)
    {
        try
        {
            return ReadObject(ref json);
        }
        catch (InvalidOperationException)
        {
            // The reader throws this for invalid UTF-8 and for half a surrogate pair.
            throw new RefusedException(ErrorCodes.JsonInvalid, "A string in the body is not Unicode.");
        }
    }

    /// <summary>The scan id of an invalid entry, or null; leaves the reader at the entry's end.</summary>
    internal string? ScanIdOf(ref Utf8JsonReader json)
    {
        var entry = json;
        json.Skip();
        if (entry.TokenType != JsonTokenType.StartObject)
            return null;
        try
        {
            while (entry.Read() && entry.TokenType == JsonTokenType.PropertyName)
            {
                if (entry.ValueTextEquals("scanId"u8))
                    return ReadId(ref entry, "scanId", shared: false);
                entry.Skip();
            }
        }
        catch (Exception exception) when (exception is RefusedException or InvalidOperationException)
        {
            // The entry has no readable scan id.
        }
        return null;
    }

    private ScanRequest ReadObject(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw new RefusedException(ErrorCodes.JsonInvalid, "A scan is an object.");
        string? scanId = null,
            venueId = null;
        Span<byte> token = stackalloc byte[MaxTokenLength];
        var tokenLength = -1;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("scanId"u8))
                scanId = scanId is null ? ReadId(ref json, "scanId", shared: false) : throw Twice("scanId");
            else if (json.ValueTextEquals("venueId"u8))
                venueId = venueId is null ? ReadId(ref json, "venueId", shared: true) : throw Twice("venueId");
            else if (json.ValueTextEquals("token"u8))
                tokenLength = tokenLength < 0 ? ReadText(ref json, token, "token") : throw Twice("token");
            else
                json.Skip();
        }
        if (scanId is null)
            throw Fields.Missing("scanId");
        if (venueId is null)
            throw Fields.Missing("venueId");
        if (tokenLength < 0)
            throw Fields.Missing("token");
        token = token[..tokenLength];
        var check = tokens.Read(token, out var resident);
        var key = ScanKey.Of(venueId, scanId).ToString();
        return new ScanRequest(scanId, key, venueId, check, resident, Digest(venueId, token));
    }

    private static RefusedException Twice(string field) =>
        new(ErrorCodes.KeyDuplicate, $"The field '{field}' is given twice.");

    /// <summary>Digests the content of a scan.</summary>
    internal static ulong Digest(ReadOnlySpan<char> venueId, ReadOnlySpan<byte> token)
    {
        Span<char> text = stackalloc char[Fields.MaxIdLength + 1 + MaxTokenLength];
        venueId.CopyTo(text);
        text[venueId.Length] = '\n';
        var length = Encoding.Latin1.GetChars(token, text[(venueId.Length + 1)..]);
        return Partitions.StableHash(text[..(venueId.Length + 1 + length)]);
    }

    private string ReadId(ref Utf8JsonReader json, string field, bool shared)
    {
        Span<byte> utf8 = stackalloc byte[Fields.MaxIdLength * 6];
        var length = ReadText(ref json, utf8, field);
        if (length < 0)
            throw Fields.Missing(field);
        utf8 = utf8[..length];
        Span<char> text = stackalloc char[Fields.MaxIdLength];
        if (
            length > Fields.MaxIdLength
            || !Ascii.IsValid(utf8)
            || Ascii.ToUtf16(utf8, text, out var chars) != OperationStatus.Done
            || !Fields.IsId(text[..chars])
        )
            throw length == 0 ? Fields.Missing(field) : Fields.Invalid(field, Fields.IdRule);
        return shared ? ids.Of(utf8) : new string(text[..chars]);
    }

    /// <summary>Copies the unescaped bytes of a string and returns their count; -1 for null.</summary>
    private static int ReadText(ref Utf8JsonReader json, scoped Span<byte> utf8, string field)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
            return -1;
        if (json.TokenType != JsonTokenType.String)
            throw Fields.Invalid(field, "must be a string");
        var length = json.HasValueSequence ? json.ValueSequence.Length : json.ValueSpan.Length;
        if (length > utf8.Length)
            throw Fields.Invalid(field, "is too long");
        return json.CopyString(utf8);
    }
}
