using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Grid.Engine.Runtime;

/// <summary>
/// A grain key in 24 bytes. A GUID lies in the two words in big-endian (text) order, so that the top ten bits are its partition;
/// of a text the first word is a stable hash.
/// </summary>
public readonly struct GrainKey : IEquatable<GrainKey>
{
    private const int GuidDigits = 32;

    /// <summary>How many top bits of <see cref="High"/> name the partition: 1,024 of them.</summary>
    public const int PartitionBits = 10;

    internal readonly ulong High;
    internal readonly ulong Low;
    internal readonly string? Text;

    private GrainKey(ulong high, ulong low, string? text)
    {
        High = high;
        Low = low;
        Text = text;
    }

    internal bool IsGuid => Text is null;

    internal int Partition => (int)(High >> (64 - PartitionBits));

    internal Guid Guid
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
            return new Guid(bytes, bigEndian: true);
        }
    }

    internal static GrainKey Of(Guid key)
    {
        Span<byte> bytes = stackalloc byte[16];
        key.TryWriteBytes(bytes, bigEndian: true, out _);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), null);
    }

    internal static GrainKey Of(string key)
    {
        if (key.Length == GuidDigits && TryReadDigits(key, out var high, out var low))
        {
            return new(high, low, null);
        }

        return new(StableHash(key), (ulong)key.Length, key);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Mix() => (High ^ (Low * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(GrainKey other) => High == other.High && Low == other.Low
        && (ReferenceEquals(Text, other.Text) || string.Equals(Text, other.Text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Mix();

    /// <inheritdoc/>
    public override string ToString() => Text ?? Guid.ToString("N");

    // FNV-1a over the UTF-16 units with a final mix: the same on every machine and in every version.
    private static ulong StableHash(string text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 0x100000001B3;
        }

        hash ^= hash >> 32;
        hash *= 0xD6E8FEB86659FD93;
        return hash ^ (hash >> 32);
    }

    private static bool TryReadDigits(string text, out ulong high, out ulong low)
    {
        low = 0;
        return !text.AsSpan().ContainsAnyInRange('A', 'F')
            & ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out high)
            && ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out low);
    }
}
