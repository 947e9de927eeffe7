namespace Grid.Codec.Values;

/// <summary>A pair as its elements, in order.</summary>
/// <typeparam name="T1">The type of element 1.</typeparam>
/// <typeparam name="TCodec1">Its codec.</typeparam>
/// <typeparam name="T2">The type of element 2.</typeparam>
/// <typeparam name="TCodec2">Its codec.</typeparam>
public readonly struct Tuple2Codec<T1, TCodec1, T2, TCodec2> : IValueCodec<(T1, T2)>
    where TCodec1 : struct, IValueCodec<T1>
    where TCodec2 : struct, IValueCodec<T2>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => TCodec1.IsImmutable && TCodec2.IsImmutable;

    /// <inheritdoc/>
    public static bool IsDefault((T1, T2) value) =>
        TCodec1.IsDefault(value.Item1) && TCodec2.IsDefault(value.Item2);

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, (T1, T2) value)
    {
        var mark = writer.BeginNested();
        TCodec1.Write(ref writer, value.Item1);
        TCodec2.Write(ref writer, value.Item2);
        writer.EndNested(mark);
    }

    /// <inheritdoc/>
    public static (T1, T2) Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return default;
        var value = (TCodec1.Read(ref reader)!, TCodec2.Read(ref reader)!);
        reader.EndNested(outer);
        return value;
    }

    /// <inheritdoc/>
    public static (T1, T2) Copy((T1, T2) value) =>
        (TCodec1.Copy(value.Item1)!, TCodec2.Copy(value.Item2)!);
}

/// <summary>A triple as its elements, in order.</summary>
/// <typeparam name="T1">The type of element 1.</typeparam>
/// <typeparam name="TCodec1">Its codec.</typeparam>
/// <typeparam name="T2">The type of element 2.</typeparam>
/// <typeparam name="TCodec2">Its codec.</typeparam>
/// <typeparam name="T3">The type of element 3.</typeparam>
/// <typeparam name="TCodec3">Its codec.</typeparam>
public readonly struct Tuple3Codec<T1, TCodec1, T2, TCodec2, T3, TCodec3> : IValueCodec<(T1, T2, T3)>
    where TCodec1 : struct, IValueCodec<T1>
    where TCodec2 : struct, IValueCodec<T2>
    where TCodec3 : struct, IValueCodec<T3>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => TCodec1.IsImmutable && TCodec2.IsImmutable && TCodec3.IsImmutable;

    /// <inheritdoc/>
    public static bool IsDefault((T1, T2, T3) value) =>
        TCodec1.IsDefault(value.Item1) && TCodec2.IsDefault(value.Item2) && TCodec3.IsDefault(value.Item3);

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, (T1, T2, T3) value)
    {
        var mark = writer.BeginNested();
        TCodec1.Write(ref writer, value.Item1);
        TCodec2.Write(ref writer, value.Item2);
        TCodec3.Write(ref writer, value.Item3);
        writer.EndNested(mark);
    }

    /// <inheritdoc/>
    public static (T1, T2, T3) Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return default;
        var value = (TCodec1.Read(ref reader)!, TCodec2.Read(ref reader)!, TCodec3.Read(ref reader)!);
        reader.EndNested(outer);
        return value;
    }

    /// <inheritdoc/>
    public static (T1, T2, T3) Copy((T1, T2, T3) value) =>
        (TCodec1.Copy(value.Item1)!, TCodec2.Copy(value.Item2)!, TCodec3.Copy(value.Item3)!);
}

/// <summary>A tuple of four as its elements, in order.</summary>
/// <typeparam name="T1">The type of element 1.</typeparam>
/// <typeparam name="TCodec1">Its codec.</typeparam>
/// <typeparam name="T2">The type of element 2.</typeparam>
/// <typeparam name="TCodec2">Its codec.</typeparam>
/// <typeparam name="T3">The type of element 3.</typeparam>
/// <typeparam name="TCodec3">Its codec.</typeparam>
/// <typeparam name="T4">The type of element 4.</typeparam>
/// <typeparam name="TCodec4">Its codec.</typeparam>
public readonly struct Tuple4Codec<T1, TCodec1, T2, TCodec2, T3, TCodec3, T4, TCodec4> : IValueCodec<(T1, T2, T3, T4)>
    where TCodec1 : struct, IValueCodec<T1>
    where TCodec2 : struct, IValueCodec<T2>
    where TCodec3 : struct, IValueCodec<T3>
    where TCodec4 : struct, IValueCodec<T4>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => TCodec1.IsImmutable && TCodec2.IsImmutable && TCodec3.IsImmutable && TCodec4.IsImmutable;

    /// <inheritdoc/>
    public static bool IsDefault((T1, T2, T3, T4) value) =>
        TCodec1.IsDefault(value.Item1) && TCodec2.IsDefault(value.Item2) && TCodec3.IsDefault(value.Item3) && TCodec4.IsDefault(value.Item4);

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, (T1, T2, T3, T4) value)
    {
        var mark = writer.BeginNested();
        TCodec1.Write(ref writer, value.Item1);
        TCodec2.Write(ref writer, value.Item2);
        TCodec3.Write(ref writer, value.Item3);
        TCodec4.Write(ref writer, value.Item4);
        writer.EndNested(mark);
    }

    /// <inheritdoc/>
    public static (T1, T2, T3, T4) Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return default;
        var value = (
            TCodec1.Read(ref reader)!,
            TCodec2.Read(ref reader)!,
            TCodec3.Read(ref reader)!,
            TCodec4.Read(ref reader)!);
        reader.EndNested(outer);
        return value;
    }

    /// <inheritdoc/>
    public static (T1, T2, T3, T4) Copy((T1, T2, T3, T4) value) =>
        (TCodec1.Copy(value.Item1)!, TCodec2.Copy(value.Item2)!, TCodec3.Copy(value.Item3)!, TCodec4.Copy(value.Item4)!);
}

/// <summary>A key and its value.</summary>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TKeyCodec">Its codec.</typeparam>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <typeparam name="TValueCodec">Its codec.</typeparam>
public readonly struct KeyValuePairCodec<TKey, TKeyCodec, TValue, TValueCodec> : IValueCodec<KeyValuePair<TKey, TValue>>
    where TKeyCodec : struct, IValueCodec<TKey>
    where TValueCodec : struct, IValueCodec<TValue>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => TKeyCodec.IsImmutable && TValueCodec.IsImmutable;

    /// <inheritdoc/>
    public static bool IsDefault(KeyValuePair<TKey, TValue> value) =>
        TKeyCodec.IsDefault(value.Key) && TValueCodec.IsDefault(value.Value);

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, KeyValuePair<TKey, TValue> value) =>
        Tuple2Codec<TKey, TKeyCodec, TValue, TValueCodec>.Write(ref writer, (value.Key, value.Value));

    /// <inheritdoc/>
    public static KeyValuePair<TKey, TValue> Read(ref CodecReader reader)
    {
        var (key, content) = Tuple2Codec<TKey, TKeyCodec, TValue, TValueCodec>.Read(ref reader);
        return new KeyValuePair<TKey, TValue>(key, content);
    }

    /// <inheritdoc/>
    public static KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> value) =>
        new(TKeyCodec.Copy(value.Key)!, TValueCodec.Copy(value.Value)!);
}
