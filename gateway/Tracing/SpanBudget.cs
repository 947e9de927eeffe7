namespace Grid.Gateway.Tracing;

/// <summary>A lock-free budget of spans per second.</summary>
internal sealed class SpanBudget(int perSecond, TimeProvider time)
{
    // The upper half holds the second, the lower half the spans taken in it.
    private long _taken;

    internal bool TryTake()
    {
        if (perSecond == 0)
            return false;
        var second = time.GetTimestamp() / time.TimestampFrequency;
        while (true)
        {
            var taken = Volatile.Read(ref _taken);
            var next =
                taken >> 32 == (second & uint.MaxValue >> 1) ? taken + 1 : (second & uint.MaxValue >> 1) << 32 | 1;
            if ((int)(next & uint.MaxValue) > perSecond)
                return false;
            if (Interlocked.CompareExchange(ref _taken, next, taken) == taken)
                return true;
        }
    }
}
