using Grid.Keys;

namespace Grid.Residents;

/// <summary>
/// A past change of a profile: who changed which fields, when and why. It never contains the former values.
/// </summary>
/// <param name="AtUnixMs">When, in milliseconds since 1970 UTC.</param>
/// <param name="Fields">The fields that changed.</param>
/// <param name="By">The subject of the operator; empty when the resident changed it.</param>
/// <param name="Reason">
/// Why, sealed by <see cref="ProfileVault.SealText"/> because an operator may name a person. Empty when the resident
/// changed it.
/// </param>
[GenerateSerializer, Immutable, Alias("grid.profile-record")]
public sealed record ProfileRecord(
    [property: Id(0)] long AtUnixMs,
    [property: Id(1)] ProfileFields Fields,
    [property: Id(2)] string By,
    [property: Id(3)] string Reason
);
