using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Grid;

/// <summary>
/// Derives ids from callers' own ids: the same text gives the same id on every machine and in every version.
/// </summary>
public static class StableId
{
    private const int MaxStackBytes = 512;

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
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    private static void Hash(ReadOnlySpan<char> text, Span<byte> digest)
    {
        var maxBytes = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var buffer =
            maxBytes <= MaxStackBytes ? stackalloc byte[MaxStackBytes] : rented = ArrayPool<byte>.Shared.Rent(maxBytes);
        SHA256.HashData(buffer[..Encoding.UTF8.GetBytes(text, buffer)], digest);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
