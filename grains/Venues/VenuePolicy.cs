using Grid.Codes;

namespace Grid.Venues;

/// <summary>The conditions under which a venue admits a person; all must hold.</summary>
/// <param name="MaxTestAgeHours">
/// Maximum age of a negative test, 1 to 8,760 h since collection; null requires no test.
/// </param>
/// <param name="MinDoses">Minimum number of doses, 0 to 10.</param>
/// <param name="AdmitColours">The admitted colours, one bit each: <c>1 &lt;&lt; (int)colour</c>.</param>
[GenerateSerializer, Alias("grid.venue-policy"), Immutable]
public sealed record VenuePolicy(
    [property: Id(0)] int? MaxTestAgeHours,
    [property: Id(1)] int MinDoses,
    [property: Id(2)] int AdmitColours
)
{
    /// <summary>Whether a person of this colour may be admitted.</summary>
    public bool Admits(CodeColour colour) => (AdmitColours & (1 << (int)colour)) != 0;
}
