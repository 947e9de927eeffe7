using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Grid.Codes;
using Grid.Gateway.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Grid.Gateway.Codes;

/// <summary>
/// The ETag of a display: when it was made, when the phone should come back, and a digest of all that it shows. Opaque
/// to the phone, and the gateway keeps nothing: a phone that comes back early with nothing changed is told so without
/// a new code being made. A phone that forges one only keeps its own old code.
/// </summary>
internal readonly record struct DisplayTag(uint MadeAt, byte RefreshAfterSeconds, ulong Shown)
{
    private const int HexLength = 8 + 2 + 16;

    /// <summary>The length of the text, with its quotes.</summary>
    internal const int TextLength = HexLength + 2;

    /// <summary>Whether the code that the phone has is still to be shown.</summary>
    internal bool IsFresh(ulong shown, long nowSeconds) =>
        Shown == shown && nowSeconds >= MadeAt && nowSeconds < MadeAt + RefreshAfterSeconds;

    /// <summary>What a display depends on, other than the moment's own numbers.</summary>
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

    /// <summary>The tag of <c>If-None-Match</c> whose code is still to be shown, as it came; null when there is none.</summary>
    internal static string? Fresh(StringValues header, ulong shown, long nowSeconds)
    {
        if (header is [{ } one] && TryParse(one, out var single))
            return single.IsFresh(shown, nowSeconds) ? one : null;
        foreach (var each in EntityTags.Read(header))
        {
            // Whatever the phone has: it asked for no other.
            if (each == EntityTagHeaderValue.Any)
                return new DisplayTag((uint)nowSeconds, DisplayHandler.MinRefreshSeconds, shown).ToString();
            if (TryParse(each.Tag.AsSpan(), out var tag) && tag.IsFresh(shown, nowSeconds))
                return each.ToString();
        }
        return null;
    }

    /// <summary>Reads what a phone sent back: one tag, weak or not.</summary>
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
