using System.Buffers.Binary;

namespace Grid.Bench.Load.Scenarios;

/// <summary>
/// Scan ids as devices make them: UUIDv7, the time in front. They do not use the system's random bytes, which would
/// cost more than the rest of the request.
/// </summary>
internal sealed class ScanIds
{
    private readonly TimeProvider _time;
    private readonly ulong _source;
    private ulong _count;

    /// <param name="seed">Distinguishes the sources of one run; random bits distinguish the runs.</param>
    public ScanIds(int seed, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _source = (ulong)Random.Shared.NextInt64() ^ ((ulong)(uint)seed << 32);
    }

    public Guid Next()
    {
        var milliseconds = (ulong)_time.GetUtcNow().ToUnixTimeMilliseconds();
        var random = Mix(_source + _count++ * 0x9E3779B97F4A7C15);
        var random2 = Mix(random ^ _source);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (milliseconds << 16) | 0x7000 | (random2 & 0x0FFF));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], 0x8000_0000_0000_0000 | (random >> 2));
        return new Guid(bytes, bigEndian: true);
    }

    // Scatters the counter over 64 bits, of which an id takes 62 and another 12: collisions are as rare as with random
    // ids.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
