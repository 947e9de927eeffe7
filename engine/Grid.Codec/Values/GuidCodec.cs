namespace Grid.Codec.Values;

/// <summary>The sixteen bytes of a GUID in the order in which it is printed.</summary>
public readonly struct GuidCodec : IValueCodec<Guid>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Fixed128;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(Guid value) => value == default;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, Guid value) => writer.WriteGuid(value);

    /// <inheritdoc/>
    public static Guid Read(ref CodecReader reader) => reader.ReadGuid();

    /// <inheritdoc/>
    public static Guid Copy(Guid value) => value;
}
