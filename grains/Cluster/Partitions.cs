using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Grid;

/// <summary>
/// Maps each grain key to one of <see cref="Count"/> fixed partitions. Stored rows contain the partition number, so
/// neither the count nor the two mappings may ever change.
/// </summary>
public static class Partitions
{
    public const int Count = 1024;

    private const int Bits = 10;

    /// <summary>
    /// The partition of a GUID key: the first ten bits of its printed form, so that keys sorted as text are sorted by
    /// partition.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(Guid key) =>
        // The first field of a Guid is the first group of the printed form, as a native integer.
        (int)(Unsafe.As<Guid, uint>(ref key) >> (32 - Bits));

    /// <summary>
    /// The partition of a string key: the first ten bits of <see cref="StableHash(ReadOnlySpan{char})"/>.
    /// </summary>
    public static int Of(ReadOnlySpan<char> key) => (int)(StableHash(key) >> (64 - Bits));

    /// <inheritdoc cref="Of(ReadOnlySpan{char})"/>
    public static int Of(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Of(key.AsSpan());
    }

    /// <summary>The smallest GUID of a partition: its ten bits, then zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The partition is not in 0 … <see cref="Count"/> − 1.
    /// </exception>
    public static Guid KeyOf(int partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, Count);
        return new Guid((uint)partition << (32 - Bits), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /// <summary>
    /// XXH64 with seed 0 over the UTF-16 code units (little-endian): the same in every process and every version. It
    /// spreads keys evenly, but an attacker who chooses keys can make them collide.
    /// </summary>
    public static ulong StableHash(ReadOnlySpan<char> text) => XxHash64.HashToUInt64(MemoryMarshal.AsBytes(text));
}
