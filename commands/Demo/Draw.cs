namespace Grid.Commands.Demo;

/// <summary>
/// Random numbers by index instead of by sequence: the draw for (seed, index, purpose) is always the same, so that
/// resident 700,000 is known without computing the 699,999 before.
/// </summary>
internal readonly struct Draw(ulong seed)
{
    /// <summary>Sixty-four random bits.</summary>
    public ulong Bits(int index, Purpose purpose) => Mix(seed ^ Mix((ulong)(uint)index << 8 | (byte)purpose));

    /// <summary>A number in [0, 1).</summary>
    public double Unit(int index, Purpose purpose) => (Bits(index, purpose) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [0, <paramref name="limit"/>).</summary>
    public int Below(int limit, int index, Purpose purpose) =>
        (int)Math.BigMul(Bits(index, purpose), (ulong)limit, out _);

    /// <summary>An independent stream of draws, for another kind of thing.</summary>
    public Draw For(int kind) => new(Mix(seed + (ulong)kind * 0x9E3779B97F4A7C15));

    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

/// <summary>The purpose of a draw; no two purposes share a draw.</summary>
internal enum Purpose : byte
{
    Surname,
    GivenLength,
    GivenFirst,
    GivenSecond,
    Doses,
    DoseAge,
    Product,
    Absent,
    BlockKind,
    BlockAge,
    BlockMinutes,
    BlockLaboratory,
    Inconclusive,
    PositivePool,
    PositiveSingle,
    Order,
    Sequence,
    VenueKind,
    VenueDistrict,
}
