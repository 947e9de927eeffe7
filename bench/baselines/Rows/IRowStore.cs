using Grid.Residents;
using Grid.Scans;
using Grid.Venues;

namespace Grid.Bench.Baselines.Rows;

/// <summary>A database used the plain way: one row read for a display, one row written for a scan.</summary>
internal interface IRowStore : IVisitLog, IAsyncDisposable
{
    /// <summary>Opens the database, makes its tables and writes these residents; rows that are there are replaced.</summary>
    Task FillAsync(IEnumerable<(Guid Key, ResidentRow Row)> residents, CancellationToken cancel);

    /// <summary>The row of a resident; null when there is none.</summary>
    ValueTask<ResidentRow?> ReadAsync(Guid resident);

    /// <summary>The venue; null when there is none.</summary>
    ValueTask<Venue?> ReadVenueAsync(string venueId);

    /// <summary>Writes a venue, or replaces it.</summary>
    Task WriteVenueAsync(string venueId, Venue venue);

    /// <summary>A statement each, many at once.</summary>
    async ValueTask<VisitReceipt[]> IVisitLog.AppendManyAsync(Visit[] visits, CancellationToken cancellation) =>
        await Task.WhenAll(visits.Select(visit => AppendAsync(visit, cancellation).AsTask()));

    /// <summary>The receipt of a scan id that is taken.</summary>
    static VisitReceipt Repeated(Visit visit, Visit first) =>
        new(first.Content == visit.Content ? VisitStatus.Replayed : VisitStatus.Conflict, first);
}

/// <summary>
/// What a row holds of a resident: what a display is computed from. The masked name stands beside the state, so that no sealed
/// profile is opened for a display; an active grain opens it once.
/// </summary>
[GenerateSerializer]
internal sealed class ResidentRow
{
    /// <summary>The masked name.</summary>
    [Id(0)]
    public string Name { get; set; } = "";

    /// <summary>The state.</summary>
    [Id(1)]
    public ResidentState State { get; set; } = new();
}
