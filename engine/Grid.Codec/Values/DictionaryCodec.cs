using System.Diagnostics.CodeAnalysis;

namespace Grid.Codec.Values;

/// <summary>
/// A dictionary as its count and, for each entry, key and value. A comparer of its own is kept by a copy, but not by the
/// bytes.
/// </summary>
/// <typeparam name="TKey">The type of a key.</typeparam>
/// <typeparam name="TKeyCodec">Its codec.</typeparam>
/// <typeparam name="TValue">The type of a value.</typeparam>
/// <typeparam name="TValueCodec">Its codec.</typeparam>
public readonly struct DictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IValueCodec<Dictionary<TKey, TValue>>, IEmptyCodec<Dictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IValueCodec<TKey>
    where TValueCodec : struct, IValueCodec<TValue>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static Dictionary<TKey, TValue> Empty => [];

    /// <inheritdoc/>
    public static bool IsDefault(Dictionary<TKey, TValue>? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] Dictionary<TKey, TValue>? value) => value is null || value.Count == 0;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, Dictionary<TKey, TValue>? value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        var mark = writer.BeginNested();
        writer.WriteVarint((uint)value.Count);
        foreach (var (key, content) in value)
        {
            TKeyCodec.Write(ref writer, key);
            TValueCodec.Write(ref writer, content);
        }

        writer.EndNested(mark);
    }

    /// <inheritdoc/>
    public static Dictionary<TKey, TValue>? Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return null;
        var count = reader.ReadCount();
        var entries = new Dictionary<TKey, TValue>(Math.Min(count, CodecLimits.ElementsPresized));
        for (var index = 0; index < count; index++)
        {
            var key = TKeyCodec.Read(ref reader) ?? throw new CodecException("A dictionary has an entry without a key.");
            if (!entries.TryAdd(key, TValueCodec.Read(ref reader)!))
                CodecException.Malformed("dictionary: a key is there twice");
        }

        reader.EndNested(outer);
        return entries;
    }

    /// <inheritdoc/>
    public static Dictionary<TKey, TValue>? Copy(Dictionary<TKey, TValue>? value)
    {
        if (value is null)
            return null;
        if (TKeyCodec.IsImmutable && TValueCodec.IsImmutable)
            return new Dictionary<TKey, TValue>(value, value.Comparer);
        var copy = new Dictionary<TKey, TValue>(value.Count, value.Comparer);
        foreach (var (key, content) in value)
            copy.Add(TKeyCodec.Copy(key)!, TValueCodec.Copy(content)!);
        return copy;
    }
}
