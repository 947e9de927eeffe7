namespace Grid.Engine.Cluster;

/// <summary>
/// The durable state of a silo's units. A unit is a run of neighbouring partitions that changes its owner as a whole:
/// unit <c>u</c> of <c>U</c> has the partitions <c>p</c> with <c>p * U / 1024 = u</c>, see <see cref="PartitionMap.UnitOf"/>.
/// </summary>
public interface IUnitStore
{
    /// <summary>How many units there are. Fixed for the life of the data.</summary>
    int Units { get; }

    /// <summary>
    /// Opens a unit for reading and writing under an epoch, which from then on fences every owner with an older one:
    /// durable before this returns. Not called for a unit that is open.
    /// </summary>
    /// <exception cref="EpochFencedException">The store has seen a newer epoch.</exception>
    /// <exception cref="Exception">Anything else: the unit is not open, and opening it may be tried again.</exception>
    Task OpenAsync(int unit, long epoch, CancellationToken cancellation);

    /// <summary>
    /// Gives a unit up: what was taken for writing is written or refused, and nothing is read or written afterwards. Does
    /// nothing when it is not open.
    /// </summary>
    Task CloseAsync(int unit);

    /// <summary>
    /// Raised, on any thread, when a write of an open unit met the epoch of a newer owner: this silo has lost the unit and does
    /// not know it yet. May be raised several times.
    /// </summary>
    event Action<int>? Fenced;
}

/// <summary>A unit can't be opened under its epoch, because the store has seen a newer one.</summary>
/// <param name="stored">The epoch that the store has.</param>
/// <param name="asked">The epoch under which it was to be opened.</param>
public sealed class EpochFencedException(long stored, long asked)
    : Exception($"The unit belongs to epoch {stored}; it was to be opened under {asked}.")
{
    /// <summary>The epoch that the store has.</summary>
    public long Stored { get; } = stored;
}

/// <summary>
/// What a silo does with a unit while it owns it, beside serving calls: bring it into memory, finish what was left undone.
/// </summary>
public interface IUnitTenant
{
    /// <summary>Called when the unit serves. The token ends with the silo's ownership. Must not throw but for the token.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="firstPartition">Its first partition.</param>
    /// <param name="partitions">How many partitions it has.</param>
    /// <param name="owned">Cancelled when the silo gives the unit up.</param>
    Task RunAsync(int unit, int firstPartition, int partitions, CancellationToken owned);
}
