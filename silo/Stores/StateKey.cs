using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Silo.Stores;

/// <summary>
/// The place of a grain's state. The row number has the partition in its top ten bits and a hash of the key below, so
/// rows of a partition are adjacent and a look-up compares integers. The key is also a column; keys with equal hashes
/// take adjacent rows.
/// </summary>
internal readonly struct StateKey
{
    /// <summary>
    /// Maximum rows for keys with equal hashes. Only an attack that searches for collisions reaches it.
    /// </summary>
    internal const int MaxProbes = 1_024;

    /// <summary>Maximum characters of a text key.</summary>
    internal const int MaxTextChars = 512;

    private const int PartitionShift = 54;
    private const ulong HashMask = (1UL << PartitionShift) - 1;
    private const int GuidDigits = 32;

    private readonly ulong _place;

    private StateKey(Guid guid)
    {
        Guid = guid;
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        var hash = Mix(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        _place = ((ulong)Partitions.Of(guid) << PartitionShift) | (hash & HashMask);
    }

    private StateKey(string text)
    {
        if (text.Length > MaxTextChars)
            throw new ArgumentException($"A grain key has at most {MaxTextChars} characters.", nameof(text));
        Text = text;
        // The top ten bits are the partition.
        _place = Partitions.StableHash(text);
    }

    private StateKey(ulong place, string text)
    {
        _place = place;
        Text = text;
    }

    /// <summary>The key, if it is a GUID.</summary>
    internal Guid Guid { get; }

    /// <summary>The key, if it is not a GUID.</summary>
    internal string? Text { get; }

    /// <summary>The partition of the key.</summary>
    internal int Partition => (int)(_place >> PartitionShift);

    /// <summary>The key of a grain. A GUID and its 32 lower-case digits are the same key.</summary>
    internal static StateKey Of(GrainId grain)
    {
        var text = grain.Key.ToString() ?? "";
        return
            text.Length == GuidDigits
            && !text.AsSpan().ContainsAnyInRange('A', 'F')
            && Guid.TryParseExact(text, "N", out var guid)
            ? new StateKey(guid)
            : new StateKey(text);
    }

    /// <summary>Reads a key from its column value; false if the value is not a key.</summary>
    internal static bool TryRead(bool isText, ReadOnlySpan<byte> stored, out StateKey key)
    {
        var text = isText ? Encoding.UTF8.GetString(stored) : "";
        if (isText ? text.Length > MaxTextChars : stored.Length != 16)
        {
            key = default;
            return false;
        }

        key = isText ? new StateKey(text) : new StateKey(new Guid(stored, bigEndian: true));
        return true;
    }

    /// <summary>Whether the key may have this row: its own, or one shortly after it.</summary>
    internal bool CanHave(long row) =>
        (ulong)(row ^ long.MinValue) >> PartitionShift == _place >> PartitionShift
        && (((ulong)(row ^ long.MinValue) - _place) & HashMask) < MaxProbes;

    /// <summary>A text key at the place of another: lets a test create two keys with equal hashes.</summary>
    internal static StateKey Beside(in StateKey other, string text) => new(other._place, text);

    /// <summary>
    /// The row to check after <paramref name="probe"/> rows hold other keys; it stays within the partition.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long Row(int probe) => ToRow((_place & ~HashMask) | ((_place + (uint)probe) & HashMask));

    /// <summary>
    /// The first row number of a partition; for <see cref="Partitions.Count"/>, the last row number of all.
    /// </summary>
    internal static long FirstRow(int partition) =>
        partition >= Partitions.Count ? long.MaxValue : ToRow((ulong)partition << PartitionShift);

    // Row numbers are signed: flipping the top bit keeps the order of the partitions.
    private static long ToRow(ulong place) => (long)(place ^ (1UL << 63));

    private static ulong Mix(ulong high, ulong low)
    {
        var hash = (high ^ (low * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93;
        return hash ^ (hash >> 32);
    }
}
