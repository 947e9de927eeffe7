using System.Buffers;
using System.Globalization;
using System.Text;

namespace Grid.Keys;

/// <summary>Masks a name for display: its first character, then one star (张*, L*).</summary>
public static class MaskedName
{
    /// <summary>The masked name; <c>*</c> for an empty name. One star also hides the length of the name.</summary>
    public static string Of(string name)
    {
        var trimmed = name.AsSpan().Trim();
        if (trimmed.IsEmpty)
            return "*";
        // The first character that people see: a surrogate pair, or a base with its marks, stays whole.
        var first = trimmed[..StringInfo.GetNextTextElementLength(trimmed)];
        return Rune.DecodeFromUtf16(first, out _, out _) == OperationStatus.Done ? string.Concat(first, "*") : "*";
    }
}
