using System.Diagnostics.CodeAnalysis;

namespace Grid.Codec.Values;

/// <summary>A list behind its read-only interface. What is read or copied is an array.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public readonly struct ReadOnlyListCodec<T, TCodec> : IValueCodec<IReadOnlyList<T>>, IEmptyCodec<IReadOnlyList<T>>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static IReadOnlyList<T> Empty => Array.Empty<T>();

    /// <inheritdoc/>
    public static bool IsDefault(IReadOnlyList<T>? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] IReadOnlyList<T>? value) => value is null || value.Count == 0;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, IReadOnlyList<T>? value)
    {
        if (value is null)
            writer.WriteNull();
        else
            Elements<T, TCodec>.Write(ref writer, value as T[] ?? [.. value]);
    }

    /// <inheritdoc/>
    public static IReadOnlyList<T>? Read(ref CodecReader reader) => ArrayCodec<T, TCodec>.Read(ref reader);

    /// <inheritdoc/>
    public static IReadOnlyList<T>? Copy(IReadOnlyList<T>? value)
    {
        if (value is null)
            return null;
        var snapshot = value as T[] ?? [.. value];
        return Elements<T, TCodec>.Copy(snapshot);
    }
}

/// <summary>A collection behind its read-only interface. What is read or copied is an array.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public readonly struct ReadOnlyCollectionCodec<T, TCodec> : IValueCodec<IReadOnlyCollection<T>>, IEmptyCodec<IReadOnlyCollection<T>>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static IReadOnlyCollection<T> Empty => Array.Empty<T>();

    /// <inheritdoc/>
    public static bool IsDefault(IReadOnlyCollection<T>? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] IReadOnlyCollection<T>? value) => value is null || value.Count == 0;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, IReadOnlyCollection<T>? value)
    {
        if (value is null)
            writer.WriteNull();
        else
            Elements<T, TCodec>.Write(ref writer, value as T[] ?? [.. value]);
    }

    /// <inheritdoc/>
    public static IReadOnlyCollection<T>? Read(ref CodecReader reader) => ArrayCodec<T, TCodec>.Read(ref reader);

    /// <inheritdoc/>
    public static IReadOnlyCollection<T>? Copy(IReadOnlyCollection<T>? value)
    {
        if (value is null)
            return null;
        var snapshot = value as T[] ?? [.. value];
        return Elements<T, TCodec>.Copy(snapshot);
    }
}

/// <summary>A dictionary behind its read-only interface. What is read or copied is a <see cref="Dictionary{TKey,TValue}"/>.</summary>
/// <typeparam name="TKey">The type of a key.</typeparam>
/// <typeparam name="TKeyCodec">Its codec.</typeparam>
/// <typeparam name="TValue">The type of a value.</typeparam>
/// <typeparam name="TValueCodec">Its codec.</typeparam>
public readonly struct ReadOnlyDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IValueCodec<IReadOnlyDictionary<TKey, TValue>>, IEmptyCodec<IReadOnlyDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IValueCodec<TKey>
    where TValueCodec : struct, IValueCodec<TValue>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static IReadOnlyDictionary<TKey, TValue> Empty => new Dictionary<TKey, TValue>();

    /// <inheritdoc/>
    public static bool IsDefault(IReadOnlyDictionary<TKey, TValue>? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] IReadOnlyDictionary<TKey, TValue>? value) => value is null || value.Count == 0;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, IReadOnlyDictionary<TKey, TValue>? value) =>
        DictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>.Write(
            ref writer,
            value as Dictionary<TKey, TValue> ?? (value is null ? null : new Dictionary<TKey, TValue>(value)));

    /// <inheritdoc/>
    public static IReadOnlyDictionary<TKey, TValue>? Read(ref CodecReader reader) =>
        DictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>.Read(ref reader);

    /// <inheritdoc/>
    public static IReadOnlyDictionary<TKey, TValue>? Copy(IReadOnlyDictionary<TKey, TValue>? value) =>
        DictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>.Copy(
            value as Dictionary<TKey, TValue> ?? (value is null ? null : new Dictionary<TKey, TValue>(value)));
}
