using System.Diagnostics;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>
/// The codes that phones have shown last, for doors to scan. A code lives 60 s; an older one is not handed out, so that
/// no scan is refused for its age. Used by one thread.
/// </summary>
internal sealed class CodeRing(int capacity)
{
    /// <summary>Leaves time to retry a refused scan within the 60 s that its code lives.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(25);

    private readonly (byte[] Token, long Ticks)[] _shown = new (byte[], long)[capacity];
    private long _added;

    public void Add(ReadOnlySpan<byte> token, long ticks) => _shown[_added++ % capacity] = (token.ToArray(), ticks);

    /// <summary>Draws one of the codes shown last; null when none is fresh enough.</summary>
    public byte[]? Draw(Random random, long now)
    {
        if (_added == 0)
            return null;
        var drawn = _shown[random.Next((int)Math.Min(_added, capacity))];
        if (IsYoung(drawn.Ticks, now))
            return drawn.Token;
        var newest = _shown[(_added - 1) % capacity];
        return IsYoung(newest.Ticks, now) ? newest.Token : null;
    }

    private static bool IsYoung(long ticks, long now) => Stopwatch.GetElapsedTime(ticks, now) < MaxAge;
}
