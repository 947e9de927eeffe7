namespace Grid.Tests.Simulation;

/// <summary>
/// Numbers that a seed decides, the same in every process and on every machine. Each part of the simulation draws from a
/// stream of its own, so that one draw more in one of them does not change what happens in all the others.
/// </summary>
internal sealed class SimRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _seed;
    private ulong _state;

    internal SimRandom(ulong seed) => _state = _seed = seed;

    /// <summary>A stream of its own for one part, by its name's number.</summary>
    internal SimRandom Fork(uint part) => new(Mix(_seed + (part + 1) * 0xD1342543DE82EF95));

    internal ulong Next() => Mix(_state += Golden);

    /// <summary>From 0, below the bound.</summary>
    internal int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>Both ends included.</summary>
    internal int Between(int least, int most) => least + Below(most - least + 1);

    internal double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    internal bool Chance(double probability) => probability > 0 && Fraction() < probability;

    internal T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>A span in ticks, both ends in milliseconds.</summary>
    internal long Ticks(double leastMs, double mostMs) =>
        (long)((leastMs + Fraction() * (mostMs - leastMs)) * TimeSpan.TicksPerMillisecond);

    internal Guid Guid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        return new Guid(bytes);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
