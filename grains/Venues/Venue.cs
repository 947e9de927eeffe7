namespace Grid.Venues;

/// <summary>A venue and its policy.</summary>
/// <param name="Name">1 to 128 characters.</param>
/// <param name="District">GB/T 2260 code; 0 when not given.</param>
/// <param name="Policy">The conditions of admission.</param>
[GenerateSerializer, Alias("grid.venue"), Immutable]
public sealed record Venue(
    [property: Id(0)] string Name,
    [property: Id(1)] int District,
    [property: Id(2)] VenuePolicy Policy
);
