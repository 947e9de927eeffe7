using System.Collections.Concurrent;
using Grid.Codes;

namespace Grid.Residents;

/// <summary>
/// The residents that are active in this process, for reads without a grain call. A look-up here replaces a call of 5
/// to 7 µs and a hop to another thread, and shows what an interleaved read shows: the last committed state.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="callAgainAfter">
/// How long displays go without a grain call. The next one makes a call, which tells Orleans that the activation is in
/// use.
/// </param>
/// <param name="gate">Whether this process may show its residents; null without a cluster.</param>
public sealed class ResidentViews(TimeProvider time, TimeSpan callAgainAfter, IGate? gate = null)
{
    // One table per partition: one table of millions would block every writer while it grows.
    private readonly ConcurrentDictionary<Guid, ResidentGrain>?[] _partitions = new ConcurrentDictionary<
        Guid,
        ResidentGrain
    >?[Partitions.Count];

    private readonly bool[] _warming = new bool[Partitions.Count];

    private readonly int _callAgainAfterSeconds = (int)callAgainAfter.TotalSeconds;

    /// <summary>How many residents are active in this process.</summary>
    public int Count => _partitions.Sum(static partition => partition?.Count ?? 0);

    /// <summary>The resident's view now; false when the caller must make a grain call.</summary>
    public bool TryShow(Guid resident, out CodeView view)
    {
        view = default;
        if (
            _partitions[Partitions.Of(resident)] is not { } partition
            || !partition.TryGetValue(resident, out var grain)
        )
            return false;
        // Check the gate before reading the state: the answer was then true at some moment during the request.
        if (gate is { IsOpen: false })
            return false;
        var now = time.GetUtcNow();
        return grain.TryView(now, (int)(now.ToUnixTimeMilliseconds() / 1_000) - _callAgainAfterSeconds, out view);
    }

    /// <summary>
    /// From now on, residents that activate in this partition do not read their state: they wait for
    /// <see cref="Offer"/> or for the first call that needs it.
    /// </summary>
    public void BeginWarming(int partition) => Volatile.Write(ref _warming[partition], true);

    /// <summary>From now on, residents of the partition read their state when they activate, as usual.</summary>
    public void EndWarming(int partition) => Volatile.Write(ref _warming[partition], false);

    /// <summary>
    /// Gives an active resident the state that a bulk read found; false when it is not active here or has its state.
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

    // Removes only this activation: a newer one may have taken its place.
    internal void Remove(Guid resident, ResidentGrain grain) =>
        _partitions[Partitions.Of(resident)]?.TryRemove(new KeyValuePair<Guid, ResidentGrain>(resident, grain));
}
