using System.Diagnostics.CodeAnalysis;

namespace Grid.Codec.Values;

/// <summary>Text as UTF-8.</summary>
public readonly struct StringCodec : IValueCodec<string>, IEmptyCodec<string>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static string Empty => "";

    /// <inheritdoc/>
    public static bool IsDefault(string? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] string? value) => string.IsNullOrEmpty(value);

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, string? value)
    {
        if (value is null)
            writer.WriteNull();
        else
            writer.WriteText(value);
    }

    /// <inheritdoc/>
    public static string? Read(ref CodecReader reader) => reader.ReadText();

    /// <inheritdoc/>
    public static string? Copy(string? value) => value;
}

/// <summary>Bytes as they are.</summary>
public readonly struct ByteArrayCodec : IValueCodec<byte[]>, IEmptyCodec<byte[]>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static byte[] Empty => [];

    /// <inheritdoc/>
    public static bool IsDefault(byte[]? value) => value is null;

    /// <inheritdoc/>
    public static bool IsEmpty([NotNullWhen(false)] byte[]? value) => value is null or [];

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, byte[]? value)
    {
        if (value is null)
            writer.WriteNull();
        else
            writer.WriteBytes(value);
    }

    /// <inheritdoc/>
    public static byte[]? Read(ref CodecReader reader) => reader.TryReadBytes(out var bytes) ? bytes.ToArray() : null;

    /// <inheritdoc/>
    public static byte[]? Copy(byte[]? value) => value is null or [] ? value : value.AsSpan().ToArray();
}

/// <summary>Bytes as they are. A copy does not look into the array behind them.</summary>
public readonly struct ReadOnlyMemoryCodec : IValueCodec<ReadOnlyMemory<byte>>, IEmptyCodec<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static ReadOnlyMemory<byte> Empty => default;

    /// <inheritdoc/>
    public static bool IsDefault(ReadOnlyMemory<byte> value) => value.IsEmpty;

    /// <inheritdoc/>
    public static bool IsEmpty(ReadOnlyMemory<byte> value) => value.IsEmpty;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, ReadOnlyMemory<byte> value) => writer.WriteBytes(value.Span);

    /// <inheritdoc/>
    public static ReadOnlyMemory<byte> Read(ref CodecReader reader) =>
        reader.TryReadBytes(out var bytes) ? bytes.ToArray() : default(ReadOnlyMemory<byte>);

    /// <inheritdoc/>
    public static ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> value) => value.IsEmpty ? default : value.ToArray();
}
