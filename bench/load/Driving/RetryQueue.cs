using System.Buffers;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Driving;

/// <summary>
/// Requests that wait for their next attempt, byte for byte as they were sent. Bounded; used by one thread.
/// </summary>
internal sealed class RetryQueue(int maxCount, Random random)
{
    /// <summary>
    /// Maximum jitter as a part of the pause, so that requests refused together do not return together.
    /// </summary>
    public const double MaxJitter = 0.5;

    private readonly PriorityQueue<Entry, long> _entries = new();

    public int Count => _entries.Count;

    /// <summary>When the first of them is due; <see cref="long.MaxValue"/> without any.</summary>
    public long NextDueTicks => _entries.TryPeek(out _, out var due) ? due : long.MaxValue;

    /// <summary>Queues the connection's request for a retry.</summary>
    /// <param name="latestTicks">A request that would be due later is not queued.</param>
    /// <returns>False when it is not queued: give the request up.</returns>
    public bool TryAdd(Connection connection, Verdict verdict, long nowTicks, long pauseTicks, long latestTicks)
    {
        var due = nowTicks + (long)(pauseTicks * (1 + random.NextDouble() * MaxJitter));
        if (_entries.Count >= maxCount || due >= latestTicks)
            return false;
        var written = connection.Request.Written;
        var bytes = ArrayPool<byte>.Shared.Rent(written.Length);
        written.CopyTo(bytes);
        var entry = new Entry(
            bytes,
            written.Length,
            connection.Tag,
            connection.IntendedTicks,
            connection.Attempt + 1,
            verdict
        );
        _entries.Enqueue(entry, due);
        return true;
    }

    /// <summary>Writes the first due request into the connection.</summary>
    public bool TryTake(Connection connection, long nowTicks)
    {
        if (!_entries.TryPeek(out var entry, out var due) || due > nowTicks)
            return false;
        _entries.Dequeue();
        connection.Request.Clear();
        connection.Request.Append(entry.Bytes.AsSpan(0, entry.Length));
        ArrayPool<byte>.Shared.Return(entry.Bytes);
        connection.Tag = entry.Tag;
        connection.IntendedTicks = entry.IntendedTicks;
        connection.Attempt = entry.Attempt;
        connection.AttemptDueTicks = due;
        return true;
    }

    /// <summary>Takes out a request that will not be sent any more.</summary>
    public bool TryAbandon(out RequestTag tag, out long intendedTicks, out Verdict verdict)
    {
        var isOne = _entries.TryDequeue(out var entry, out _);
        (tag, intendedTicks, verdict) = (entry.Tag, entry.IntendedTicks, entry.Verdict);
        if (isOne)
            ArrayPool<byte>.Shared.Return(entry.Bytes);
        return isOne;
    }

    private readonly record struct Entry(
        byte[] Bytes,
        int Length,
        RequestTag Tag,
        long IntendedTicks,
        int Attempt,
        Verdict Verdict
    );
}
