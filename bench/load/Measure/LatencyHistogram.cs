using System.Numerics;

namespace Grid.Bench.Load.Measure;

/// <summary>
/// Counts durations in log-linear buckets: each power of two has 128 equal parts, so that a value read back is at most
/// 1/128 (0.8 %) above the value recorded. Recording takes a few instructions and never allocates.
/// </summary>
/// <remarks>
/// One writer. Others may copy it meanwhile (<see cref="CopyTo"/>): each count is whole, the sum may lag.
/// </remarks>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 7;
    private const int SubBuckets = 1 << SubBucketBits;

    /// <summary>Longest duration recorded exactly, in nanoseconds: 137 s. Longer ones count as this.</summary>
    public const long LongestNanoseconds = (1L << 37) - 1;

    private static readonly int BucketCount = IndexOf(LongestNanoseconds) + 1;

    private readonly long[] _counts = new long[BucketCount];
    private long _count;
    private long _max;
    private double _sum;

    public long Count => _count;

    public long MaxNanoseconds => _max;

    public double MeanNanoseconds => _count == 0 ? 0 : _sum / _count;

    public void Record(long nanoseconds)
    {
        var value = Math.Clamp(nanoseconds, 0, LongestNanoseconds);
        _counts[IndexOf(value)]++;
        _count++;
        _sum += value;
        if (value > _max)
            _max = value;
    }

    /// <summary>
    /// The upper edge of the smallest bucket that at least <paramref name="fraction"/> of the values do not exceed.
    /// </summary>
    public long Percentile(double fraction)
    {
        if (_count == 0)
            return 0;
        var rank = Math.Max(1, (long)Math.Ceiling(Math.Clamp(fraction, 0, 1) * _count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return Math.Min(UpperEdge(i), _max);
        }
        return _max;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        _count += other._count;
        _sum += other._sum;
        _max = Math.Max(_max, other._max);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _count = 0;
        _sum = 0;
        _max = 0;
    }

    /// <summary>Copies the counts so far; the copy's count is the sum of its buckets.</summary>
    public void CopyTo(LatencyHistogram target)
    {
        target.Clear();
        for (var i = 0; i < _counts.Length; i++)
        {
            var count = Volatile.Read(ref _counts[i]);
            target._counts[i] = count;
            target._count += count;
        }
        target._sum = Volatile.Read(ref _sum);
        target._max = Volatile.Read(ref _max);
    }

    /// <summary>
    /// The values recorded after <paramref name="earlier"/> was copied from this histogram; the maximum is a bucket
    /// edge.
    /// </summary>
    public LatencyHistogram Since(LatencyHistogram earlier)
    {
        var difference = new LatencyHistogram();
        for (var i = 0; i < _counts.Length; i++)
        {
            var count = _counts[i] - earlier._counts[i];
            if (count <= 0)
                continue;
            difference._counts[i] = count;
            difference._count += count;
            difference._max = Math.Min(UpperEdge(i), _max);
        }
        difference._sum = _sum - earlier._sum;
        return difference;
    }

    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, 63 - BitOperations.LeadingZeroCount((ulong)value | 1) - SubBucketBits);
        return (shift << SubBucketBits) + (int)(value >> shift);
    }

    private static long UpperEdge(int index)
    {
        // The first two runs of sub-buckets are exact: below 256 the shift is 0.
        var shift = Math.Max(0, (index >> SubBucketBits) - 1);
        var mantissa = index - (shift << SubBucketBits);
        return ((long)(mantissa + 1) << shift) - 1;
    }
}
