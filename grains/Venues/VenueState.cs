namespace Grid.Venues;

/// <summary>The stored state of a venue.</summary>
[GenerateSerializer, Alias("grid.venue-state")]
public sealed class VenueState
{
    /// <summary>Null when there is no venue of this id.</summary>
    [Id(0)]
    public Venue? Venue { get; set; }

    /// <summary>The subject that last changed it.</summary>
    [Id(1)]
    public string ChangedBy { get; set; } = "";

    [Id(2)]
    public DateTimeOffset ChangedAt { get; set; }
}
