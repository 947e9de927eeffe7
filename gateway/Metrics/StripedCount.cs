using System.Runtime.CompilerServices;

namespace Grid.Gateway.Metrics;

/// <summary>
/// A counter with one cache line per processor, summed when read. A counter that reports each addition to a listener
/// costs more than the token check beside it.
/// </summary>
internal sealed class StripedCount
{
    private const int LineInLongs = 8;
    private const int MaxStripes = 64;

    private static readonly int Mask =
        (int)
            System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, MaxStripes))
        - 1;

    // Leave the first line empty: it shares a cache line with the array's length.
    private readonly long[] _stripes = new long[(Mask + 2) * LineInLongs];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add() =>
        Interlocked.Increment(ref _stripes[((Thread.GetCurrentProcessorId() & Mask) + 1) * LineInLongs]);

    internal long Read()
    {
        long sum = 0;
        for (var i = LineInLongs; i < _stripes.Length; i += LineInLongs)
            sum += Volatile.Read(ref _stripes[i]);
        return sum;
    }
}
