using Grid.Codes;

namespace Grid.Venues;

/// <summary>One venue: a metro station, a mall, an office. Named by its id.</summary>
public interface IVenueGrain : IGrainWithStringKey
{
    /// <summary>Makes the venue or replaces what it says.</summary>
    /// <param name="venue">What it says.</param>
    /// <param name="by">Who changes it: the subject of the caller's token.</param>
    Task Put(Venue venue, string by);

    /// <summary>The venue, or null when there is none. Shared with the grain: never change it.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<Venue?> Get();
}

/// <summary>A venue and whom it admits.</summary>
/// <param name="Name">1 to 128 characters.</param>
/// <param name="District">GB/T 2260 code; 0 when not given.</param>
/// <param name="Policy">Whom it admits.</param>
[GenerateSerializer, Alias("grid.venue"), Immutable]
public sealed record Venue(
    [property: Id(0)] string Name,
    [property: Id(1)] int District,
    [property: Id(2)] VenuePolicy Policy);

/// <summary>Whom a venue admits. All that is asked must hold.</summary>
/// <param name="MaxTestAgeHours">The oldest negative test that admits, 1 to 8,760 h since collection; null asks for none.</param>
/// <param name="MinDoses">Doses asked for, 0 to 10.</param>
/// <param name="AdmitColours">The colours that admit, one bit each: <c>1 &lt;&lt; (int)colour</c>.</param>
[GenerateSerializer, Alias("grid.venue-policy"), Immutable]
public sealed record VenuePolicy(
    [property: Id(0)] int? MaxTestAgeHours,
    [property: Id(1)] int MinDoses,
    [property: Id(2)] int AdmitColours)
{
    /// <summary>Whether a colour admits.</summary>
    public bool Admits(CodeColour colour) => (AdmitColours & (1 << (int)colour)) != 0;
}

/// <summary>What the store keeps of a venue.</summary>
[GenerateSerializer, Alias("grid.venue-state")]
public sealed class VenueState
{
    /// <summary>The venue; null when there is none.</summary>
    [Id(0)] public Venue? Venue { get; set; }

    /// <summary>Who changed it last.</summary>
    [Id(1)] public string ChangedBy { get; set; } = "";

    /// <summary>When.</summary>
    [Id(2)] public DateTimeOffset ChangedAt { get; set; }
}
