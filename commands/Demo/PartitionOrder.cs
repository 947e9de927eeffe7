namespace Grid.Commands.Demo;

/// <summary>
/// The numbers 0 … n-1 in the order of their partitions: rows that lie together in the store are written together, so
/// that a page of it is written a few times and not once a row. Six bytes a number while it is made, four after.
/// </summary>
internal sealed class PartitionOrder
{
    private readonly int[] _starts = new int[Partitions.Count + 1];
    private readonly int[] _numbers;

    /// <param name="partitions">The partition of each number.</param>
    public PartitionOrder(ReadOnlySpan<ushort> partitions)
    {
        foreach (ushort partition in partitions)
            _starts[partition + 1]++;
        for (int p = 0; p < Partitions.Count; p++)
            _starts[p + 1] += _starts[p];
        _numbers = new int[partitions.Length];
        int[] next = _starts[..^1];
        for (int number = 0; number < partitions.Length; number++)
            _numbers[next[partitions[number]]++] = number;
    }

    /// <summary>How many there are.</summary>
    public int Count => _numbers.Length;

    /// <summary>Those of one of several equal ranges of partitions, in order.</summary>
    public ReadOnlyMemory<int> Range(int range, int ranges)
    {
        int first = _starts[Partitions.Count * range / ranges],
            end = _starts[Partitions.Count * (range + 1) / ranges];
        return _numbers.AsMemory(first, end - first);
    }
}
