using System.Globalization;
using System.Text;

namespace Grid.Keys;

/// <summary>How a name is shown to others: the first character, and one star for whatever follows (张*, L*).</summary>
public static class MaskedName
{
    /// <summary>The masked form; <c>*</c> for an empty name. The star hides also how long the name is.</summary>
    public static string Of(string name)
    {
        var trimmed = name.AsSpan().Trim();
        if (trimmed.IsEmpty)
            return "*";
        // The first character that people see: a pair of surrogates or a base with its marks stays whole.
        var first = trimmed[..StringInfo.GetNextTextElementLength(trimmed)];
        return Rune.DecodeFromUtf16(first, out _, out _) == System.Buffers.OperationStatus.Done ? string.Concat(first, "*") : "*";
    }
}
