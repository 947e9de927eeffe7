namespace Grid.Tests.Simulation;

/// <summary>
/// Random numbers from a seed, equal on every machine. Each part of the simulation has its own stream, so that an
/// additional draw in one part does not affect the others.
/// </summary>
internal sealed class SimRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _seed;
    private ulong _state;

    internal SimRandom(ulong seed) => _state = _seed = seed;

    /// <summary>Creates the stream of one part, by its number.</summary>
    internal SimRandom Fork(uint part) => new(Mix(_seed + (part + 1) * 0xD1342543DE82EF95));

    internal ulong Next() => Mix(_state += Golden);

    /// <summary>Draws from 0 to below the bound.</summary>
    internal int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>Draws between two bounds, both included.</summary>
    internal int Between(int least, int most) => least + Below(most - least + 1);

    internal double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    internal bool Chance(double probability) => probability > 0 && Fraction() < probability;

    internal T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>Draws a span in ticks between two bounds in milliseconds.</summary>
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
