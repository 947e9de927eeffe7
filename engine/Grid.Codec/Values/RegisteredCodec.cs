using System.Diagnostics.CodeAnalysis;

namespace Grid.Codec.Values;

/// <summary>The codec of a type whose generated one is in another assembly, and so found in the registry.</summary>
/// <typeparam name="T">A type marked <c>[GenerateSerializer]</c>.</typeparam>
public readonly struct RegisteredCodec<T> : IValueCodec<T>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsDefault(T? value) => value is null;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, T? value) => Codec<T>.Instance.Write(ref writer, value);

    /// <inheritdoc/>
    public static T? Read(ref CodecReader reader) => Codec<T>.Instance.Read(ref reader);

    /// <inheritdoc/>
    [return: NotNullIfNotNull(nameof(value))]
    public static T? Copy(T? value) => Codec<T>.Copier.Copy(value);
}
