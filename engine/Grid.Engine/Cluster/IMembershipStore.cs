namespace Grid.Engine.Cluster;

/// <summary>
/// What all silos of a cluster and its gateways share: the view, changed by compare-and-swap of the whole, and one beat
/// for each member. Nothing in it is a time: a lease is counted by each reader's own monotonic clock, from the beats
/// that it sees change. An implementation holds no lock between calls, so that a silo which stops in the middle of
/// anything stands in nobody's way.
/// </summary>
public interface IMembershipStore
{
    /// <summary>The newest view; null when there never was one.</summary>
    /// <exception cref="MembershipException">The store does not answer, or holds what is no view.</exception>
    Task<ClusterView?> ReadAsync(CancellationToken cancellation);

    /// <summary>
    /// Makes <paramref name="next"/> the newest view, durably, if the newest one now has the version before it (0 = there is none).
    /// </summary>
    /// <returns>False when it has not: another change came first, and nothing was done.</returns>
    /// <exception cref="MembershipException">The store does not answer; whether the change stands is unknown until it is read again.</exception>
    Task<bool> TryWriteAsync(ClusterView next, CancellationToken cancellation);

    /// <summary>
    /// Shows all others that the silo lives, and then says how things stand. The order matters: whoever reads after this
    /// returned sees the beat, and the version is of a moment when the beat was visible. The first call for an id is made
    /// before the view has it.
    /// </summary>
    /// <param name="self">Who lives.</param>
    /// <param name="beat">Another number than in the call before, higher. One that arrives behind a higher one does nothing.</param>
    /// <param name="known">The version of the view that it follows, see <see cref="Pulse.Known"/>.</param>
    /// <param name="cancellation">Gives up; the beat may have become visible.</param>
    /// <exception cref="MembershipException">The store does not answer; the beat may have become visible.</exception>
    Task<Pulse> BeatAsync(MemberId self, long beat, long known, CancellationToken cancellation);

    /// <summary>How things stand, for who has no beat: a gateway, or a check beyond the beat.</summary>
    /// <exception cref="MembershipException">The store does not answer.</exception>
    Task<Pulse> ObserveAsync(CancellationToken cancellation);

    /// <summary>
    /// Ends the process of a silo that was taken out of the view and stands still, if the store can: it may hold a lock that the next
    /// owner of its units needs.
    /// </summary>
    /// <returns>Whether a process was ended.</returns>
    /// <exception cref="MembershipException">The store does not answer.</exception>
    Task<bool> EndAsync(MemberId id, CancellationToken cancellation) => Task.FromResult(false);

    /// <summary>Removes the beat of a silo that no view names any more, its own included. It may be gone already.</summary>
    /// <exception cref="MembershipException">The store does not answer.</exception>
    Task ForgetAsync(MemberId id, CancellationToken cancellation);
}

/// <summary>How things stood at one moment.</summary>
/// <param name="Version">The version of the newest view; 0 when there is none.</param>
/// <param name="Beats">The last beat of each silo that has one.</param>
/// <param name="Gone">
/// Those that are dead for certain, because the store can tell that their process has ended; empty where it can't.
/// </param>
public sealed record Pulse(long Version, IReadOnlyDictionary<MemberId, long> Beats, IReadOnlySet<MemberId> Gone)
{
    /// <summary>What a silo shows to follow that never answers without the store, and so needs nobody's promise.</summary>
    public const long KnowsAll = long.MaxValue;

    /// <summary>The version of the view that each silo followed at its last beat; who is in it is known to it.</summary>
    public IReadOnlyDictionary<MemberId, long> Known { get; init; } = new Dictionary<MemberId, long>();
}

/// <summary>The shared store of the cluster does not answer, or can't be read as one.</summary>
public sealed class MembershipException(string message, Exception? cause = null) : Exception(message, cause);
