using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Grid;

/// <summary>
/// The fixed cut of the key space. Every grain belongs to one of <see cref="Count"/> partitions for ever: the number of
/// a partition is written into stored rows, so neither the count nor the two functions below may change.
/// </summary>
public static class Partitions
{
    /// <summary>How many partitions there are.</summary>
    public const int Count = 1024;

    private const int Bits = 10;

    // The five odd constants of the xxHash family; the function below is its 64-bit tail and finish.
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    /// <summary>
    /// The partition of a GUID key: its first ten bits in the order in which it is printed, so that keys sorted as text
    /// are sorted by partition.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(Guid key) =>
        // The first field of a Guid is the first group of the printed form, as a native integer.
        (int)(Unsafe.As<Guid, uint>(ref key) >> (32 - Bits));

    /// <summary>The partition of a string key: the first ten bits of <see cref="StableHash(ReadOnlySpan{char})"/>.</summary>
    public static int Of(ReadOnlySpan<char> key) => (int)(StableHash(key) >> (64 - Bits));

    /// <inheritdoc cref="Of(ReadOnlySpan{char})"/>
    public static int Of(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Of(key.AsSpan());
    }

    /// <summary>The smallest GUID of a partition: its ten bits, and zeros behind them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The partition is not in 0 … <see cref="Count"/> − 1.</exception>
    public static Guid KeyOf(int partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, Count);
        return new Guid((uint)partition << (32 - Bits), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /// <summary>
    /// A 64-bit hash of the UTF-16 code units (little-endian), the same in every process, on every machine and in every
    /// version (.NET runs on no big-endian machine that Grid supports). It spreads keys; it does not resist an attacker
    /// who chooses them. Up to fifteen characters it is XXH64 with seed 0.
    /// </summary>
    public static ulong StableHash(ReadOnlySpan<char> text)
    {
        var bytes = MemoryMarshal.AsBytes(text);
        var hash = Prime5 + (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            var lane = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            hash ^= BitOperations.RotateLeft(lane * Prime2, 31) * Prime1;
            hash = BitOperations.RotateLeft(hash, 27) * Prime1 + Prime4;
            bytes = bytes[8..];
        }

        if (bytes.Length >= 4)
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime1;
            hash = BitOperations.RotateLeft(hash, 23) * Prime2 + Prime3;
            bytes = bytes[4..];
        }

        foreach (var single in bytes)
        {
            hash ^= single * Prime5;
            hash = BitOperations.RotateLeft(hash, 11) * Prime1;
        }

        hash ^= hash >> 33;
        hash *= Prime2;
        hash ^= hash >> 29;
        hash *= Prime3;
        return hash ^ (hash >> 32);
    }
}
