using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Grid.Codec;

namespace Grid.Engine.Runtime;

/// <summary>
/// A grain key in 24 bytes. A GUID lies in the two words in big-endian (text) order, so that the top ten bits are its partition;
/// of a text the first word is <see cref="Partitions.StableHash"/>.
/// </summary>
public readonly struct GrainKey : IEquatable<GrainKey>
{
    private const int GuidDigits = 32;

    // The top bits of the first word are the partition, as in Grid.Codec.Partitions.
    private const int PartitionShift = 64 - 10;

    internal readonly ulong High;
    internal readonly ulong Low;
    internal readonly string? Text;

    internal GrainKey(ulong high, ulong low, string? text)
    {
        High = high;
        Low = low;
        Text = text;
    }

    internal bool IsGuid => Text is null;

    internal int Partition => (int)(High >> PartitionShift);

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

        return new(Partitions.StableHash(key), (ulong)key.Length, key);
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

    private static bool TryReadDigits(string text, out ulong high, out ulong low)
    {
        low = 0;
        return !text.AsSpan().ContainsAnyInRange('A', 'F')
            & ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out high)
            && ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out low);
    }
}
