using Grid.Scans;

namespace Grid.Silo.Stores;

/// <summary>
/// The visits in the store, one table per day. A scan id that is a UUID of version 7 is filed under the day that it
/// names, so a repeat within the retention finds its row. A repeat of any other id is found on the day of the recording
/// and the next.
/// </summary>
/// <param name="lanes">The number of writing lanes.</param>
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
        catch (StoreException exception)
        {
            return ValueTask.FromException<VisitReceipt>(exception);
        }
    }

    /// <summary>
    /// Writes several visits, each independent. Visits of one lane share a commit. If a commit fails the whole call
    /// fails; when it is repeated, the parts that other lanes wrote are found as replays.
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
    /// <exception cref="StoreException">This process does not own the lane's partitions.</exception>
    private protected abstract GroupLane<WriteWork> Lane(int number);

    private static void Check(Visit visit)
    {
        if (visit.ScanId.Length is 0 or > VisitKey.MaxScanIdChars)
            throw new ArgumentException($"A scan id has 1 to {VisitKey.MaxScanIdChars} characters.", nameof(visit));
    }

    private int LaneOf(Visit visit) => LaneOf(VisitShards.PartitionOf(visit.ScanId));

    // The usual case: a shard's grain sends visits of one shard only.
    private Task<VisitReceipt[]> QueueTogether(Visit[] visits, int lane)
    {
        var work = new VisitsWork(visits);
        try
        {
            Lane(lane).Enqueue(work);
            return work.Done;
        }
        catch (StoreException exception)
        {
            return Task.FromException<VisitReceipt[]>(exception);
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
            catch (StoreException exception)
            {
                batch.PartDone(exception);
            }
        }

        return batch.Done;
    }
}
