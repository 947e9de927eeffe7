using System.Buffers;
using System.Buffers.Text;

namespace Grid.Gateway.Tokens;

/// <summary>Base64url (RFC 4648, section 5) with exactly one text per value.</summary>
internal static class CanonicalBase64Url
{
    private const int MaxChars = 512;

    /// <summary>
    /// Decodes canonical text only. The framework's decoder skips white space and ignores the unused bits of the last
    /// character, so that several texts would pass as one token.
    /// </summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes, out int length)
    {
        length = 0;
        if (text.Length > MaxChars || Base64Url.DecodeFromChars(text, bytes, out _, out length) != OperationStatus.Done)
            return false;
        Span<char> canonical = stackalloc char[MaxChars];
        return Base64Url.TryEncodeToChars(bytes[..length], canonical, out var written)
            && text.SequenceEqual(canonical[..written]);
    }
}
