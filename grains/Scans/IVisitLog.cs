namespace Grid.Scans;

/// <summary>
/// The table of visits: append-only, by day, one row per scan id. It belongs to the store and not to a grain's state.
/// </summary>
public interface IVisitLog
{
    /// <summary>Appends a visit, or finds the row of its id. Completes after the commit.</summary>
    ValueTask<VisitReceipt> AppendAsync(Visit visit, CancellationToken cancellation = default);

    /// <summary>Appends many visits, each on its own. The answers have the order of the visits.</summary>
    ValueTask<VisitReceipt[]> AppendManyAsync(Visit[] visits, CancellationToken cancellation = default);
}
