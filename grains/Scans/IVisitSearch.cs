namespace Grid.Scans;

/// <summary>Finds recorded visits, for a case, an audit, or the resident's own history.</summary>
public interface IVisitSearch
{
    /// <summary>The visits of a resident in a period; ordered by day, unordered within a day.</summary>
    /// <param name="resident">The resident.</param>
    /// <param name="from">The start of the period, inclusive.</param>
    /// <param name="until">The end of the period, exclusive.</param>
    /// <param name="cancellation">Stops the search.</param>
    IAsyncEnumerable<Visit> OfResidentAsync(
        Guid resident,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    );

    /// <summary>The visits of a venue in a period; ordered by day, unordered within a day.</summary>
    /// <param name="venueId">The venue.</param>
    /// <param name="from">The start of the period, inclusive.</param>
    /// <param name="until">The end of the period, exclusive.</param>
    /// <param name="cancellation">Stops the search.</param>
    IAsyncEnumerable<Visit> OfVenueAsync(
        string venueId,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    );
}
