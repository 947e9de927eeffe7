namespace Grid.Codec.Values;

/// <summary>
/// A value with its length, or a null. Used where no field key says whether there is one; as a field, a
/// nullable is simply there or not.
/// </summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public readonly struct NullableCodec<T, TCodec> : IValueCodec<T?>
    where T : struct
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => TCodec.IsImmutable;

    /// <inheritdoc/>
    public static bool IsDefault(T? value) => value is null;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, T? value)
    {
        if (value is not { } present)
        {
            writer.WriteNull();
            return;
        }

        var mark = writer.BeginNested();
        TCodec.Write(ref writer, present);
        writer.EndNested(mark);
    }

    /// <inheritdoc/>
    public static T? Read(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
            return null;
        var value = TCodec.Read(ref reader);
        reader.EndNested(outer);
        return value;
    }

    /// <inheritdoc/>
    public static T? Copy(T? value) => value is { } present ? TCodec.Copy(present) : null;
}
