namespace Grid.Sampling;

/// <summary>The particulars that register a tube.</summary>
/// <param name="Capacity">1, 5, 10 or 20.</param>
/// <param name="SiteId">The site that fills it, 1 to 64 characters.</param>
[GenerateSerializer, Alias("grid.tube-opening"), Immutable]
public sealed record TubeOpening([property: Id(0)] int Capacity, [property: Id(1)] string SiteId);
