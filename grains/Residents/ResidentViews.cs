using System.Collections.Concurrent;
using Grid.Codes;

namespace Grid.Residents;

/// <summary>
/// The residents that are active in this process, and the view of each without a grain call. A grain call costs 5 to 7 µs
/// and a hop to another thread; this costs a look-up. The promise is that of an interleaved read: what was last committed.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="callAgainAfter">
/// How long displays are served without a grain call. Then one call tells Orleans that the activation is in use.
/// </param>
/// <param name="gate">Whether this process may show its residents; null in a process that is alone.</param>
public sealed class ResidentViews(TimeProvider time, TimeSpan callAgainAfter, IGate? gate = null)
{
    // One table a partition: a table of millions would stop all writers while it grows.
    private readonly ConcurrentDictionary<Guid, ResidentGrain>?[] _partitions = new ConcurrentDictionary<Guid, ResidentGrain>?[Partitions.Count];

    private readonly bool[] _warming = new bool[Partitions.Count];

    private readonly int _callAgainAfterSeconds = (int)callAgainAfter.TotalSeconds;

    /// <summary>Residents that are active here.</summary>
    public int Count => _partitions.Sum(static partition => partition?.Count ?? 0);

    /// <summary>The resident's view at this moment; false when a grain call is needed.</summary>
    public bool TryShow(Guid resident, out CodeView view)
    {
        view = default;
        if (_partitions[Partitions.Of(resident)] is not { } partition || !partition.TryGetValue(resident, out var grain))
            return false;
        // Before the state is read: the answer is then one that was true while the request was here.
        if (gate is { IsOpen: false })
            return false;
        var now = time.GetUtcNow();
        return grain.TryView(now, (int)(now.ToUnixTimeMilliseconds() / 1_000) - _callAgainAfterSeconds, out view);
    }

    /// <summary>
    /// From now on residents of a partition that are activated wait for <see cref="Offer"/>, or for the first call that needs
    /// the state.
    /// </summary>
    public void BeginWarming(int partition) => Volatile.Write(ref _warming[partition], true);

    /// <summary>Residents of the partition read their state when they are activated, as usual.</summary>
    public void EndWarming(int partition) => Volatile.Write(ref _warming[partition], false);

    /// <summary>
    /// Gives an active resident the state that a bulk read found after the activation was made; false when it is not active
    /// here, or has its state.
    /// </summary>
    public bool Offer(Guid resident, ResidentState state, string? etag) =>
        _partitions[Partitions.Of(resident)] is { } partition
        && partition.TryGetValue(resident, out var grain)
        && grain.Offer(state, etag);

    internal bool IsWarming(Guid resident) => Volatile.Read(ref _warming[Partitions.Of(resident)]);

    internal void Add(Guid resident, ResidentGrain grain)
    {
        ref var partition = ref _partitions[Partitions.Of(resident)];
        if (partition is null)
            Interlocked.CompareExchange(ref partition, new ConcurrentDictionary<Guid, ResidentGrain>(1, 31), null);
        partition[resident] = grain;
    }

    // Only this one: a newer activation may have taken the place.
    internal void Remove(Guid resident, ResidentGrain grain) =>
        _partitions[Partitions.Of(resident)]?.TryRemove(new KeyValuePair<Guid, ResidentGrain>(resident, grain));
}
