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
        // A rare surname may lie outside the basic plane: half of a pair is no character.
        return Rune.DecodeFromUtf16(trimmed, out var first, out _) == System.Buffers.OperationStatus.Done
            ? string.Concat(first.ToString(), "*")
            : "*";
    }
}
