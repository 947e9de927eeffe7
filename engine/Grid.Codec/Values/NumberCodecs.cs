using System.Runtime.CompilerServices;

namespace Grid.Codec.Values;

/// <summary>True or false as 1 or 0.</summary>
public readonly struct BooleanCodec : IValueCodec<bool>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(bool value) => !value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, bool value) => writer.WriteVarint(value ? 1u : 0u);

    /// <inheritdoc/>
    public static bool Read(ref CodecReader reader)
    {
        var value = reader.ReadVarint();
        if (value > 1)
            CodecException.OutOfRange(nameof(Boolean));
        return value != 0;
    }

    /// <inheritdoc/>
    public static bool Copy(bool value) => value;
}

/// <summary>A byte as a varint.</summary>
public readonly struct ByteCodec : IValueCodec<byte>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(byte value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, byte value) => writer.WriteVarint((uint)value);

    /// <inheritdoc/>
    public static byte Read(ref CodecReader reader)
    {
        var value = reader.ReadVarint();
        if (value > byte.MaxValue)
            CodecException.OutOfRange(nameof(Byte));
        return (byte)value;
    }

    /// <inheritdoc/>
    public static byte Copy(byte value) => value;
}

/// <summary>A signed number of 8 bits as a zigzag varint.</summary>
public readonly struct SByteCodec : IValueCodec<sbyte>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(sbyte value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, sbyte value) => writer.WriteZigzag(value);

    /// <inheritdoc/>
    public static sbyte Read(ref CodecReader reader)
    {
        var value = reader.ReadZigzag();
        if (value != (sbyte)value)
            CodecException.OutOfRange(nameof(SByte));
        return (sbyte)value;
    }

    /// <inheritdoc/>
    public static sbyte Copy(sbyte value) => value;
}

/// <summary>A signed number of 16 bits as a zigzag varint.</summary>
public readonly struct Int16Codec : IValueCodec<short>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(short value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, short value) => writer.WriteZigzag(value);

    /// <inheritdoc/>
    public static short Read(ref CodecReader reader)
    {
        var value = reader.ReadZigzag();
        if (value != (short)value)
            CodecException.OutOfRange(nameof(Int16));
        return (short)value;
    }

    /// <inheritdoc/>
    public static short Copy(short value) => value;
}

/// <summary>An unsigned number of 16 bits as a varint.</summary>
public readonly struct UInt16Codec : IValueCodec<ushort>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(ushort value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, ushort value) => writer.WriteVarint((uint)value);

    /// <inheritdoc/>
    public static ushort Read(ref CodecReader reader)
    {
        var value = reader.ReadVarint();
        if (value > ushort.MaxValue)
            CodecException.OutOfRange(nameof(UInt16));
        return (ushort)value;
    }

    /// <inheritdoc/>
    public static ushort Copy(ushort value) => value;
}

/// <summary>A UTF-16 code unit as a varint.</summary>
public readonly struct CharCodec : IValueCodec<char>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(char value) => value == '\0';

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, char value) => writer.WriteVarint((uint)value);

    /// <inheritdoc/>
    public static char Read(ref CodecReader reader)
    {
        var value = reader.ReadVarint();
        if (value > char.MaxValue)
            CodecException.OutOfRange(nameof(Char));
        return (char)value;
    }

    /// <inheritdoc/>
    public static char Copy(char value) => value;
}

/// <summary>A signed number of 32 bits as a zigzag varint.</summary>
public readonly struct Int32Codec : IValueCodec<int>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(int value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, int value) => writer.WriteZigzag(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ref CodecReader reader) => reader.ReadZigzag32();

    /// <inheritdoc/>
    public static int Copy(int value) => value;
}

/// <summary>An unsigned number of 32 bits as a varint.</summary>
public readonly struct UInt32Codec : IValueCodec<uint>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(uint value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, uint value) => writer.WriteVarint(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref CodecReader reader) => reader.ReadVarint32();

    /// <inheritdoc/>
    public static uint Copy(uint value) => value;
}

/// <summary>A signed number of 64 bits as a zigzag varint.</summary>
public readonly struct Int64Codec : IValueCodec<long>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(long value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, long value) => writer.WriteZigzag(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(ref CodecReader reader) => reader.ReadZigzag();

    /// <inheritdoc/>
    public static long Copy(long value) => value;
}

/// <summary>An unsigned number of 64 bits as a varint.</summary>
public readonly struct UInt64Codec : IValueCodec<ulong>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(ulong value) => value == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, ulong value) => writer.WriteVarint(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ref CodecReader reader) => reader.ReadVarint();

    /// <inheritdoc/>
    public static ulong Copy(ulong value) => value;
}

/// <summary>The four bytes of a floating-point number; −0 and every NaN keep their bits.</summary>
public readonly struct SingleCodec : IValueCodec<float>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Fixed32;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(float value) => BitConverter.SingleToUInt32Bits(value) == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, float value) => writer.WriteFixed32(BitConverter.SingleToUInt32Bits(value));

    /// <inheritdoc/>
    public static float Read(ref CodecReader reader) => BitConverter.UInt32BitsToSingle(reader.ReadFixed32());

    /// <inheritdoc/>
    public static float Copy(float value) => value;
}

/// <summary>The eight bytes of a floating-point number; −0 and every NaN keep their bits.</summary>
public readonly struct DoubleCodec : IValueCodec<double>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Fixed64;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(double value) => BitConverter.DoubleToUInt64Bits(value) == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref CodecWriter writer, double value) => writer.WriteFixed64(BitConverter.DoubleToUInt64Bits(value));

    /// <inheritdoc/>
    public static double Read(ref CodecReader reader) => BitConverter.UInt64BitsToDouble(reader.ReadFixed64());

    /// <inheritdoc/>
    public static double Copy(double value) => value;
}
