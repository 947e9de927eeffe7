namespace Grid.Codec.Values;

/// <summary>The sixteen bytes of a decimal number; its scale is kept (1.0 stays 1.0).</summary>
public readonly struct DecimalCodec : IValueCodec<decimal>
{
    private const int SignAndScale = unchecked((int)0x80FF0000);
    private const int ScaleMax = 28;

    /// <inheritdoc/>
    public static WireType Wire => WireType.Fixed128;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        return (parts[0] | parts[1] | parts[2] | parts[3]) == 0;
    }

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (var part in parts)
            writer.WriteFixed32((uint)part);
    }

    /// <inheritdoc/>
    public static decimal Read(ref CodecReader reader)
    {
        Span<int> parts = stackalloc int[4];
        foreach (ref var part in parts)
            part = (int)reader.ReadFixed32();
        if ((parts[3] & ~SignAndScale) != 0 || ((parts[3] >> 16) & 0xFF) > ScaleMax)
            CodecException.Malformed("decimal");
        return new decimal(parts);
    }

    /// <inheritdoc/>
    public static decimal Copy(decimal value) => value;
}
