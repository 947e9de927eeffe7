using System.Runtime.CompilerServices;

namespace Grid.Gateway.Metrics;

/// <summary>
/// A count that is added to by every processor on a cache line of its own, and summed when somebody asks: a counter that
/// tells a listener of each addition costs more than the token check beside it.
/// </summary>
internal sealed class StripedCount
{
    private const int LineInLongs = 8;
    private const int MaxStripes = 64;

    private static readonly int Mask =
        (int)
            System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, MaxStripes))
        - 1;

    // The first line is left empty: the array's length lies beside it.
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
