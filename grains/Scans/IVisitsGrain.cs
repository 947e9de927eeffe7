namespace Grid.Scans;

/// <summary>
/// Appends visits in a process with a store, for a gateway without one. Any silo can do it: the unique scan id in the
/// store decides which of two appends is first.
/// </summary>
public interface IVisitsGrain : IGrainWithIntegerKey
{
    /// <summary>Appends a visit, or finds the row of its id; answers after the commit.</summary>
    [AlwaysInterleave]
    ValueTask<VisitReceipt> Append(Visit visit);

    /// <summary>
    /// Appends up to <see cref="VisitShards.MaxBatch"/> visits, each on its own. The answers have their order.
    /// </summary>
    [AlwaysInterleave]
    ValueTask<VisitReceipt[]> AppendMany(Visit[] visits);
}
