using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Grid.Codec.Values;

/// <summary>An array as its count and its elements.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public readonly struct ArrayCodec<T, TCodec> : IValueCodec<T[]>, IEmptyCodec<T[]>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static T[] Empty => [];

    /// <inheritdoc/>
    public static bool IsDefault(T[]? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] T[]? value) => value is null or [];

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, T[]? value)
    {
        if (value is null)
            writer.WriteNull();
        else
            Elements<T, TCodec>.Write(ref writer, value);
    }

    /// <inheritdoc/>
    public static T[]? Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return null;
        var elements = Elements<T, TCodec>.Read(ref reader);
        reader.EndNested(outer);
        return elements;
    }

    /// <inheritdoc/>
    public static T[]? Copy(T[]? value) => value is null or [] ? value : Elements<T, TCodec>.Copy(value);
}

/// <summary>A list as its count and its elements.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public readonly struct ListCodec<T, TCodec> : IValueCodec<List<T>>, IEmptyCodec<List<T>>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static List<T> Empty => [];

    /// <inheritdoc/>
    public static bool IsDefault(List<T>? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] List<T>? value) => value is null or [];

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, List<T>? value)
    {
        if (value is null)
            writer.WriteNull();
        else
            Elements<T, TCodec>.Write(ref writer, CollectionsMarshal.AsSpan(value));
    }

    /// <inheritdoc/>
    public static List<T>? Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return null;
        var list = Elements<T, TCodec>.ReadList(ref reader);
        reader.EndNested(outer);
        return list;
    }

    /// <inheritdoc/>
    public static List<T>? Copy(List<T>? value)
    {
        if (value is null || TCodec.IsImmutable)
            return value is null ? null : new List<T>(value);
        var copy = new List<T>(value.Count);
        foreach (var element in value)
            copy.Add(TCodec.Copy(element)!);
        return copy;
    }
}

/// <summary>An immutable array as its count and its elements.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public readonly struct ImmutableArrayCodec<T, TCodec> : IValueCodec<ImmutableArray<T>>, IEmptyCodec<ImmutableArray<T>>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => TCodec.IsImmutable;

    /// <inheritdoc/>
    public static ImmutableArray<T> Empty => [];

    /// <inheritdoc/>
    public static bool IsDefault(ImmutableArray<T> value) => value.IsDefault;

    /// <inheritdoc/>
    public static bool IsEmpty(ImmutableArray<T> value) => value.IsDefaultOrEmpty;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, ImmutableArray<T> value)
    {
        if (value.IsDefault)
            writer.WriteNull();
        else
            Elements<T, TCodec>.Write(ref writer, value.AsSpan());
    }

    /// <inheritdoc/>
    public static ImmutableArray<T> Read(ref CodecReader reader) =>
        ImmutableCollectionsMarshal.AsImmutableArray(ArrayCodec<T, TCodec>.Read(ref reader));

    /// <inheritdoc/>
    public static ImmutableArray<T> Copy(ImmutableArray<T> value) => TCodec.IsImmutable || value.IsDefaultOrEmpty
        ? value
        : ImmutableCollectionsMarshal.AsImmutableArray(Elements<T, TCodec>.Copy(value.AsSpan()));
}

/// <summary>A set as its count and its elements. A comparer of its own is kept by a copy, but not by the bytes.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public readonly struct HashSetCodec<T, TCodec> : IValueCodec<HashSet<T>>, IEmptyCodec<HashSet<T>>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static HashSet<T> Empty => [];

    /// <inheritdoc/>
    public static bool IsDefault(HashSet<T>? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] HashSet<T>? value) => value is null || value.Count == 0;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, HashSet<T>? value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        var mark = writer.BeginNested();
        writer.WriteVarint((uint)value.Count);
        foreach (var element in value)
            TCodec.Write(ref writer, element);
        writer.EndNested(mark);
    }

    /// <inheritdoc/>
    public static HashSet<T>? Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return null;
        var count = reader.ReadCount();
        var set = new HashSet<T>(Math.Min(count, CodecLimits.ElementsPresized));
        for (var index = 0; index < count; index++)
        {
            if (!set.Add(TCodec.Read(ref reader)!))
                CodecException.Malformed("set: an element is there twice");
        }

        reader.EndNested(outer);
        return set;
    }

    /// <inheritdoc/>
    public static HashSet<T>? Copy(HashSet<T>? value)
    {
        if (value is null || TCodec.IsImmutable)
            return value is null ? null : new HashSet<T>(value, value.Comparer);
        var copy = new HashSet<T>(value.Count, value.Comparer);
        foreach (var element in value)
            copy.Add(TCodec.Copy(element)!);
        return copy;
    }
}
