using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Grid;

/// <summary>
/// Ids derived from the caller's own ids: the same words give the same id on every machine and in every version.
/// </summary>
public static class StableId
{
    private const int StackBytesMax = 512;

    /// <summary>The first 16 bytes of SHA-256 over <paramref name="text"/> in UTF-8.</summary>
    public static Guid Of(ReadOnlySpan<char> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(text, digest);
        return new Guid(digest[..16], bigEndian: true);
    }

    /// <summary>The first 8 bytes of SHA-256 over <paramref name="text"/> in UTF-8.</summary>
    public static ulong ShortOf(ReadOnlySpan<char> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(text, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    private static void Hash(ReadOnlySpan<char> text, Span<byte> digest)
    {
        var bytesMax = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var buffer = bytesMax <= StackBytesMax
            ? stackalloc byte[StackBytesMax]
            : rented = ArrayPool<byte>.Shared.Rent(bytesMax);
        SHA256.HashData(buffer[..Encoding.UTF8.GetBytes(text, buffer)], digest);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
