using System.Collections.Concurrent;

namespace Grid;

/// <summary>
/// Short texts that millions of residents share (a vaccine's name, a masked name): one string each instead of a copy
/// a resident. Bounded: beyond <see cref="TextsMax"/> texts the caller keeps its own copy.
/// </summary>
public static class SharedText
{
    /// <summary>Texts shared at the most.</summary>
    public const int TextsMax = 65_536;

    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);
    private static int s_count;

    /// <summary>The shared instance that equals <paramref name="text"/>, or itself when there are too many.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (Texts.TryGetValue(text, out var shared))
            return shared;
        if (Volatile.Read(ref s_count) >= TextsMax)
            return text;
        if (Texts.TryAdd(text, text))
            Interlocked.Increment(ref s_count);
        return Texts[text];
    }
}
