using System.Collections.Concurrent;

namespace Grid;

/// <summary>
/// Interns short texts that millions of residents share, such as a vaccine's name or a masked name: one string instead
/// of one copy per resident. Beyond <see cref="MaxTexts"/> texts, callers keep their own copies.
/// </summary>
public static class SharedText
{
    public const int MaxTexts = 65_536;

    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);
    private static int _count;

    /// <summary>The shared instance of <paramref name="text"/>, or the text itself when the table is full.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (Texts.TryGetValue(text, out var shared))
            return shared;
        if (Volatile.Read(ref _count) >= MaxTexts)
            return text;
        if (Texts.TryAdd(text, text))
            Interlocked.Increment(ref _count);
        return Texts[text];
    }
}
