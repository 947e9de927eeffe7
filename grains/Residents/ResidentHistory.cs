using Grid.Codes;
using Grid.Vaccination;

namespace Grid.Residents;

/// <summary>Everything stored about a resident except the profile: bounded lists, newest first.</summary>
/// <param name="Tests">The tests, without withdrawn samples.</param>
/// <param name="Doses">The doses.</param>
/// <param name="Causes">The causes that no event has ended, expired or not.</param>
/// <param name="Ended">The causes that an event ended.</param>
[GenerateSerializer, Immutable]
public sealed record ResidentHistory(
    [property: Id(0)] TestRecord[] Tests,
    [property: Id(1)] Dose[] Doses,
    [property: Id(2)] Cause[] Causes,
    [property: Id(3)] EndedCause[] Ended
);
