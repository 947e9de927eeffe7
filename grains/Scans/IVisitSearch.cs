namespace Grid.Scans;

/// <summary>Finds visits again: for a case, an audit, or the resident's own history.</summary>
public interface IVisitSearch
{
    /// <summary>The visits of a resident in a window of time; by day, within a day in no order.</summary>
    /// <param name="resident">Whose.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="until">The moment behind the last.</param>
    /// <param name="cancellation">Ends the search.</param>
    IAsyncEnumerable<Visit> OfResidentAsync(
        Guid resident, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation = default);

    /// <summary>The visits of a venue in a window of time; by day, within a day in no order.</summary>
    /// <param name="venueId">Which venue's.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="until">The moment behind the last.</param>
    /// <param name="cancellation">Ends the search.</param>
    IAsyncEnumerable<Visit> OfVenueAsync(
        string venueId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation = default);
}
