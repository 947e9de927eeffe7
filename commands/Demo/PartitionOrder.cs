namespace Grid.Commands.Demo;

/// <summary>
/// The numbers 0 … n-1 in partition order: rows that are adjacent in the store are written together, so that the
/// store writes a page a few times instead of once per row. Six bytes per number during construction, four after.
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

    /// <summary>The count of numbers.</summary>
    public int Count => _numbers.Length;

    /// <summary>The numbers of one of several equal ranges of partitions, in order.</summary>
    public ReadOnlyMemory<int> Range(int range, int ranges)
    {
        int first = _starts[Partitions.Count * range / ranges],
            end = _starts[Partitions.Count * (range + 1) / ranges];
        return _numbers.AsMemory(first, end - first);
    }
}
