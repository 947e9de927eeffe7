using Grid.Codes;

namespace Grid.Residents;

/// <summary>The cause that a tube asks for, whether other tests have ended it or not.</summary>
/// <param name="Tube">The key of the tube.</param>
/// <param name="CollectedUnixMs">When the resident's sample was taken, in milliseconds since 1970 UTC.</param>
/// <param name="Cause">The cause.</param>
[GenerateSerializer, Immutable, Alias("grid.tube-cause")]
public sealed record TubeCause(
    [property: Id(0)] Guid Tube,
    [property: Id(1)] long CollectedUnixMs,
    [property: Id(2)] Cause Cause
);
