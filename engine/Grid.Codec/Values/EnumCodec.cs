using System.Runtime.CompilerServices;

namespace Grid.Codec.Values;

/// <summary>An enum as its number. A number that has no name in this version is kept as it is.</summary>
/// <typeparam name="TEnum">The enum.</typeparam>
/// <typeparam name="TNumber">Its underlying type.</typeparam>
/// <typeparam name="TCodec">The codec of the underlying type.</typeparam>
public readonly struct EnumCodec<TEnum, TNumber, TCodec> : IValueCodec<TEnum>
    where TEnum : struct, Enum
    where TNumber : struct
    where TCodec : struct, IValueCodec<TNumber>
{
    /// <inheritdoc/>
    public static WireType Wire => TCodec.Wire;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(TEnum value) => TCodec.IsDefault(Unsafe.BitCast<TEnum, TNumber>(value));

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, TEnum value) =>
        TCodec.Write(ref writer, Unsafe.BitCast<TEnum, TNumber>(value));

    /// <inheritdoc/>
    public static TEnum Read(ref CodecReader reader) => Unsafe.BitCast<TNumber, TEnum>(TCodec.Read(ref reader));

    /// <inheritdoc/>
    public static TEnum Copy(TEnum value) => value;
}
