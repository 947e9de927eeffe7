using System.Buffers.Binary;

namespace Grid.Bench.Baselines;

/// <summary>The residents of a baseline: known by their number, so that server and client need no list in common.</summary>
internal static class BaselineIds
{
    /// <summary>The id of resident 0, 1, 2 …: spread over the whole key space, as hashed ids are.</summary>
    public static Guid Resident(int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Mix((ulong)number));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Mix(~(ulong)number));
        return new Guid(bytes, bigEndian: true);
    }

    // One-to-one, so no two numbers share an id.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        return x ^ (x >> 32);
    }
}
