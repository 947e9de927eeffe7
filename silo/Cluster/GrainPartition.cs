using System.Buffers;
using Grid.Silo.Stores;

namespace Grid.Silo.Cluster;

/// <summary>Maps a grain id to its partition.</summary>
internal static class GrainPartition
{
    private const int GuidDigits = 32;

    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>
    /// The partition of a grain. It is computed for every message, so a GUID's first digits are parsed without
    /// allocation.
    /// </summary>
    internal static int Of(GrainId grain)
    {
        var key = grain.Key.AsSpan();
        return key.Length == GuidDigits && !key.ContainsAnyExcept(LowerHex)
            ? (Digit(key[0]) << 6) | (Digit(key[1]) << 2) | (Digit(key[2]) >> 2)
            : StateKey.Of(grain).Partition;
    }

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : hex - 'a' + 10;
}
