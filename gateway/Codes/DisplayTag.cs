using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Grid.Codes;
using Grid.Gateway.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Grid.Gateway.Codes;

/// <summary>
/// The ETag of a display: its time, its refresh interval and a digest of its content. The tag is opaque to the phone
/// and the gateway stores no copy: an early refresh of an unchanged display gets 304 and no new code. A phone that
/// forges a tag only keeps its own old code.
/// </summary>
internal readonly record struct DisplayTag(uint MadeAt, byte RefreshAfterSeconds, ulong Shown)
{
    private const int HexLength = 8 + 2 + 16;

    /// <summary>The length of the text, with quotes.</summary>
    internal const int TextLength = HexLength + 2;

    /// <summary>Whether the phone may go on showing its code.</summary>
    internal bool IsFresh(ulong shown, long nowSeconds) =>
        Shown == shown && nowSeconds >= MadeAt && nowSeconds < MadeAt + RefreshAfterSeconds;

    /// <summary>Digests what the display shows, without its times and its token.</summary>
    internal static ulong DigestOf(Guid residentId, in CodeView view)
    {
        Span<ulong> parts = stackalloc ulong[6];
        residentId.TryWriteBytes(MemoryMarshal.AsBytes(parts));
        parts[2] = ((ulong)(uint)view.Version << 32) | ((ulong)view.Colour << 8) | (byte)view.Test.State;
        parts[3] = 0;
        // Causes begin and end by the clock, without a new version.
        foreach (var cause in view.Causes)
        {
            cause.CauseId.TryWriteBytes(MemoryMarshal.AsBytes(parts[4..]));
            parts[3] = BitOperations.RotateLeft(parts[3], 13) ^ parts[4] ^ parts[5] ^ 1;
        }
        return Partitions.StableHash(MemoryMarshal.Cast<ulong, char>(parts[..4]));
    }

    public override string ToString() => string.Create(TextLength, this, static (text, tag) =>
        {
            text[0] = text[^1] = '"';
            tag.MadeAt.TryFormat(text[1..], out _, "x8", CultureInfo.InvariantCulture);
            tag.RefreshAfterSeconds.TryFormat(text[9..], out _, "x2", CultureInfo.InvariantCulture);
            tag.Shown.TryFormat(text[11..], out _, "x16", CultureInfo.InvariantCulture);
        });

    /// <summary>The first tag of <c>If-None-Match</c> that is still fresh, as sent; null when none is.</summary>
    internal static string? Fresh(StringValues header, ulong shown, long nowSeconds)
    {
        if (header is [{ } one] && TryParse(one, out var single))
            return single.IsFresh(shown, nowSeconds) ? one : null;
        foreach (var each in EntityTags.Read(header))
        {
            // "*" matches any code that the phone holds.
            if (each == EntityTagHeaderValue.Any)
                return new DisplayTag((uint)nowSeconds, DisplayHandler.MinRefreshSeconds, shown).ToString();
            if (TryParse(each.Tag.AsSpan(), out var tag) && tag.IsFresh(shown, nowSeconds))
                return each.ToString();
        }
        return null;
    }

    /// <summary>Reads one tag from <c>If-None-Match</c>, weak or strong.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out DisplayTag tag)
    {
        tag = default;
        if (text.StartsWith("W/"))
            text = text[2..];
        if (text.Length != TextLength || text[0] != '"' || text[^1] != '"')
            return false;
        text = text[1..^1];
        if (
            !uint.TryParse(text[..8], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var madeAt)
            || !byte.TryParse(
                text[8..10],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var refresh
            )
            || !ulong.TryParse(text[10..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var shown)
            || refresh is < DisplayHandler.MinRefreshSeconds or > DisplayHandler.MaxRefreshSeconds
        )
            return false;
        tag = new DisplayTag(madeAt, refresh, shown);
        return true;
    }
}
