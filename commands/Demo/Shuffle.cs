namespace Grid.Commands.Demo;

/// <summary>
/// A fixed shuffle of 0 … n-1 in constant memory: a four-round Feistel network over the next even power of two, with
/// cycle walking back into the range. Each index occurs exactly once.
/// </summary>
internal readonly struct Shuffle
{
    private const int Rounds = 4;
    private readonly Draw _draw;
    private readonly int _count;
    private readonly int _halfBits;

    public Shuffle(Draw draw, int count)
    {
        _draw = draw;
        _count = count;
        int bits = 2;
        while (1L << bits < count)
            bits += 2;
        _halfBits = bits / 2;
    }

    public int this[int place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)_count);
            do place = Step(place);
            while (place >= _count);
            return place;
        }
    }

    private int Step(int place)
    {
        int mask = (1 << _halfBits) - 1;
        int left = place >> _halfBits,
            right = place & mask;
        for (int round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ ((int)_draw.Bits(right << 2 | round, Purpose.Order) & mask));
        return left << _halfBits | right;
    }
}
