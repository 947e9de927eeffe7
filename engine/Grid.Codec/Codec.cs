using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Grid.Codec;

/// <summary>The codec of a type, found once and kept.</summary>
/// <typeparam name="T">A type marked <c>[GenerateSerializer]</c>, or one that the codec knows by itself.</typeparam>
public static class Codec<T>
{
    private const int ScratchBytes = 512;

    private static ICodec<T>? s_codec;
    private static ICopier<T>? s_copier;

    /// <summary>The codec.</summary>
    /// <exception cref="CodecException">The type has none.</exception>
    public static ICodec<T> Instance => s_codec ?? CodecRegistry.Find(ref s_codec);

    /// <summary>The copier.</summary>
    /// <exception cref="CodecException">The type has none.</exception>
    public static ICopier<T> Copier => s_copier ?? CodecRegistry.Find(ref s_copier);

    internal static bool IsRegistered => s_codec is not null;

    /// <summary>The bytes of a value, in an array of just that length.</summary>
    [SkipLocalsInit]
    public static byte[] Encode(T? value)
    {
        var writer = new CodecWriter(stackalloc byte[ScratchBytes]);
        try
        {
            Instance.Write(ref writer, value);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Appends the bytes of a value.</summary>
    public static void Encode(T? value, IBufferWriter<byte> target)
    {
        var writer = new CodecWriter(target);
        try
        {
            Instance.Write(ref writer, value);
            writer.Complete();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>The value whose bytes these are, all of them.</summary>
    /// <exception cref="CodecException">The bytes are not a value of this type, or go on behind it.</exception>
    public static T? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new CodecReader(bytes);
        var value = Instance.Read(ref reader);
        reader.ExpectEnd();
        return value;
    }

    /// <summary>A copy that shares no mutable object with the value.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static T? Copy(T? value) => Copier.Copy(value);

    internal static void Set(ICodec<T> codec, ICopier<T> copier)
    {
        s_copier = copier;
        Volatile.Write(ref s_codec, codec);
    }
}
