using Grid.Scans;

namespace Grid.Silo.Stores;

/// <summary>
/// The visits in the store, in a table a day. An id that is a UUID of version 7 is filed under the day that it names,
/// so it is one row whenever it comes again within the retention; any other id is known again on the day on which it was
/// recorded and on the next.
/// </summary>
/// <param name="lanes">Lanes that write.</param>
public abstract class GroupedVisitLog(int lanes) : IVisitLog, IVisitSearch
{
    /// <inheritdoc/>
    public ValueTask<VisitReceipt> AppendAsync(Visit visit, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<VisitReceipt>(cancellation);
        Check(visit);
        var work = new VisitWork(visit);
        try
        {
            Lane(LaneOf(visit)).Enqueue(work);
            return work.Done;
        }
        catch (StoreException fault)
        {
            return ValueTask.FromException<VisitReceipt>(fault);
        }
    }

    /// <summary>
    /// Writes many, each on its own. Those of one lane share a commit; when a commit fails the whole call does, and the
    /// parts that other lanes wrote are found as replays when it is repeated.
    /// </summary>
    public ValueTask<VisitReceipt[]> AppendManyAsync(Visit[] visits, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<VisitReceipt[]>(cancellation);
        if (visits.Length == 0)
            return new ValueTask<VisitReceipt[]>([]);
        if (visits.Length > VisitShards.MaxBatch)
            throw new ArgumentException($"At most {VisitShards.MaxBatch} visits in one call.", nameof(visits));
        var first = LaneOf(visits[0]);
        var together = true;
        foreach (var visit in visits)
        {
            Check(visit);
            together &= LaneOf(visit) == first;
        }

        return new ValueTask<VisitReceipt[]>(together ? QueueTogether(visits, first) : QueueParts(visits));
    }

    /// <inheritdoc/>
    public abstract IAsyncEnumerable<Visit> OfResidentAsync(
        Guid resident,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    );

    /// <inheritdoc/>
    public abstract IAsyncEnumerable<Visit> OfVenueAsync(
        string venueId,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    );

    /// <summary>The number of the lane that writes a partition.</summary>
    private protected abstract int LaneOf(int partition);

    /// <summary>A lane by its number.</summary>
    /// <exception cref="StoreException">This process does not own what it writes.</exception>
    private protected abstract GroupLane<WriteWork> Lane(int number);

    private static void Check(Visit visit)
    {
        if (visit.ScanId.Length is 0 or > VisitKey.MaxScanIdChars)
            throw new ArgumentException($"A scan id has 1 to {VisitKey.MaxScanIdChars} characters.", nameof(visit));
    }

    private int LaneOf(Visit visit) => LaneOf(VisitShards.PartitionOf(visit.ScanId));

    // The usual case: what comes through a shard's grain is one shard's.
    private Task<VisitReceipt[]> QueueTogether(Visit[] visits, int lane)
    {
        var work = new VisitsWork(visits);
        try
        {
            Lane(lane).Enqueue(work);
            return work.Done;
        }
        catch (StoreException fault)
        {
            return Task.FromException<VisitReceipt[]>(fault);
        }
    }

    private Task<VisitReceipt[]> QueueParts(Visit[] visits)
    {
        var parts = new List<int>?[lanes];
        for (var index = 0; index < visits.Length; index++)
            (parts[LaneOf(visits[index])] ??= []).Add(index);
        var batch = new VisitBatch(visits, parts.Count(static part => part is not null));
        for (var number = 0; number < parts.Length; number++)
        {
            if (parts[number] is not { } indexes)
                continue;
            try
            {
                Lane(number).Enqueue(new VisitBatchPart(batch, indexes));
            }
            catch (StoreException fault)
            {
                batch.PartDone(fault);
            }
        }

        return batch.Done;
    }
}
