namespace Grid.Scans;

/// <summary>
/// Appends visits in a process that has the store, for a gateway that has none. Any silo will do: the unique scan id in the
/// store decides which of two appends is the first.
/// </summary>
public interface IVisitsGrain : IGrainWithIntegerKey
{
    /// <summary>Appends a visit, or finds the one of that id; answers after the commit.</summary>
    [AlwaysInterleave]
    ValueTask<VisitReceipt> Append(Visit visit);

    /// <summary>The same for up to <see cref="VisitShards.BatchMax"/>, each on its own; the answers are in order.</summary>
    [AlwaysInterleave]
    ValueTask<VisitReceipt[]> AppendMany(Visit[] visits);
}
