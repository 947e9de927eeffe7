namespace Grid.Scans;

/// <inheritdoc cref="IVisitsGrain"/>
[GrainType("visits"), StatelessWorker(1)]
public sealed class VisitsGrain(IVisitLog log) : Grain, IVisitsGrain
{
    /// <inheritdoc/>
    public ValueTask<VisitReceipt> Append(Visit visit) => log.AppendAsync(visit);

    /// <inheritdoc/>
    public ValueTask<VisitReceipt[]> AppendMany(Visit[] visits) =>
        visits.Length <= VisitShards.MaxBatch
            ? log.AppendManyAsync(visits)
            : throw new ArgumentException($"At most {VisitShards.MaxBatch} visits in one call.", nameof(visits));
}
