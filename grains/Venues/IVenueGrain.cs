namespace Grid.Venues;

/// <summary>One venue: a metro station, a mall, an office. The key is its id.</summary>
public interface IVenueGrain : IGrainWithStringKey
{
    /// <summary>Creates or replaces the venue.</summary>
    /// <param name="venue">The venue.</param>
    /// <param name="by">The subject of the caller's token.</param>
    Task Put(Venue venue, string by);

    /// <summary>The venue, or null when there is none. The grain shares this object: never change it.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<Venue?> Get();
}
