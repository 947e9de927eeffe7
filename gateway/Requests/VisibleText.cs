using System.Globalization;
using System.Text;

namespace Grid.Gateway.Requests;

/// <summary>
/// Validates a text that people read: a name, a venue, a product, a reason. Invisible characters are refused, because
/// two texts that look equal must be equal. Length counts text elements: characters as people see them.
/// </summary>
internal static class VisibleText
{
    /// <summary>
    /// Upper bound of UTF-16 units in a text element. The tallest Tibetan stacks have fewer; a pile of marks has more.
    /// </summary>
    private const int MaxElementUnits = 16;

    /// <summary>The text without surrounding blanks; null when it is too long or has invisible characters.</summary>
    internal static string? Clean(ReadOnlySpan<char> given, int maxLength)
    {
        var text = Trim(given);
        if (text.IsEmpty || text.Length > maxLength * MaxElementUnits)
            return null;
        var count = 0;
        for (var rest = text; !rest.IsEmpty; count++)
        {
            var length = StringInfo.GetNextTextElementLength(rest);
            if (length > MaxElementUnits || !IsVisible(rest[..length]))
                return null;
            rest = rest[length..];
        }
        return count <= maxLength ? text.ToString() : null;
    }

    /// <summary>Removes surrounding blanks and tabs, but no line breaks.</summary>
    internal static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsBlank(text[0]))
            text = text[1..];
        while (!text.IsEmpty && IsBlank(text[^1]))
            text = text[..^1];
        return text;
    }

    private static bool IsBlank(char unit) =>
        unit == '\t' || CharUnicodeInfo.GetUnicodeCategory(unit) == UnicodeCategory.SpaceSeparator;

    // A text element is one base character and its modifiers.
    private static bool IsVisible(ReadOnlySpan<char> element)
    {
        Rune before = default;
        var isFirst = true;
        foreach (var rune in element.EnumerateRunes())
        {
            if (isFirst ? !IsBase(rune) : !IsModifier(rune, before) && !IsBase(rune))
                return false;
            before = rune;
            isFirst = false;
        }
        return true;
    }

    private static bool IsBase(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate => false,
            UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
                false,
            // Old registries hold rare ideographs at the code points that GB 18030 assigned in the private use area.
            UnicodeCategory.PrivateUse => rune.Value is >= 0xE78D and <= 0xE864,
            // Ideographs newer than this runtime's Unicode version.
            UnicodeCategory.OtherNotAssigned => rune.Value is >= 0x20000 and <= 0x3FFFD
                && (rune.Value & 0xFFFF) < 0xFFFE,
            _ => rune != Rune.ReplacementChar && !IsEmptyGlyph(rune.Value),
        };

    // Letters and symbols by category, but blank in print: Hangul fillers, the blank Braille pattern, the musical null
    // notehead, the object replacement character.
    private static bool IsEmptyGlyph(int value) =>
        value is 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800 or 0x1D159 or 0xFFFC;

    private static bool IsModifier(Rune rune, Rune before)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark:
                return true;
            case UnicodeCategory.NonSpacingMark:
                return !IsSelector(rune.Value)
                    ? rune.Value is not (0x034F or 0x17B4 or 0x17B5 or 0x16FE4)
                    : IsSelectable(rune.Value, before);
            case UnicodeCategory.Format:
                // Joiners shape Arabic and Indic letters and join emoji; elsewhere they only make equal-looking names
                // differ.
                return rune.Value is 0x200C or 0x200D ? IsJoined(before) : rune.Value == 0x180E && IsMongolian(before);
            default:
                return false;
        }
    }

    private static bool IsSelector(int value) =>
        value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180F);

    // Text and emoji variation selectors have no effect on a letter.
    private static bool IsSelectable(int selector, Rune before) =>
        selector switch
        {
            >= 0x180B and <= 0x180F => IsMongolian(before),
            0xFE0E or 0xFE0F => Rune.GetUnicodeCategory(before) is UnicodeCategory.OtherSymbol,
            _ => Rune.GetUnicodeCategory(before) is UnicodeCategory.OtherLetter or UnicodeCategory.OtherSymbol,
        };

    private static bool IsMongolian(Rune rune) => rune.Value is >= 0x1800 and <= 0x18AF;

    private static bool IsJoined(Rune rune) =>
        rune.Value is (>= 0x0600 and <= 0x08FF) or (>= 0x0900 and <= 0x0DFF)
        || IsMongolian(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol
        || IsSelector(rune.Value);
}
