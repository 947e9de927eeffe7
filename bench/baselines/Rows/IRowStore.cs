using Grid.Residents;
using Grid.Scans;
using Grid.Venues;

namespace Grid.Bench.Baselines.Rows;

/// <summary>A database used directly: one row read for a display, one row written for a scan.</summary>
internal interface IRowStore : IVisitLog, IAsyncDisposable
{
    /// <summary>Opens the database, creates its tables and writes these residents over existing rows.</summary>
    Task FillAsync(IEnumerable<(Guid Key, ResidentRow Row)> residents, CancellationToken cancel);

    /// <summary>The row of a resident; null without one.</summary>
    ValueTask<ResidentRow?> ReadAsync(Guid resident);

    /// <summary>The venue; null without one.</summary>
    ValueTask<Venue?> ReadVenueAsync(string venueId);

    /// <summary>Writes a venue, or replaces it.</summary>
    Task WriteVenueAsync(string venueId, Venue venue);

    /// <summary>One statement for each visit, all concurrent.</summary>
    async ValueTask<VisitReceipt[]> IVisitLog.AppendManyAsync(Visit[] visits, CancellationToken cancellation) =>
        await Task.WhenAll(visits.Select(visit => AppendAsync(visit, cancellation).AsTask()));

    /// <summary>The receipt for a repeated scan id.</summary>
    static VisitReceipt Repeated(Visit visit, Visit first) =>
        new(first.Content == visit.Content ? VisitStatus.Replayed : VisitStatus.Conflict, first);
}

/// <summary>
/// The row of a resident: the input of a display. The masked name is stored beside the state, so that a display opens
/// no sealed profile; an active grain opens it once.
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
