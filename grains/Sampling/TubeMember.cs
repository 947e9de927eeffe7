namespace Grid.Sampling;

/// <summary>A sample in a tube.</summary>
/// <param name="Resident">The resident.</param>
/// <param name="CollectedAt">When it was taken, at the latest when the tube received it.</param>
/// <param name="Command">Digest of the caller's idempotency key; 0 without one.</param>
/// <param name="Due">The revision at which its standing last changed.</param>
/// <param name="Delivered">The revision that the resident has.</param>
/// <param name="WithdrawnBecause">Why it was withdrawn, sealed for the resident; null while it is in the tube.</param>
/// <param name="Content">Digest of the command: the same key with another digest is a conflict.</param>
/// <param name="TakenBy">Who reported the sample, and when.</param>
/// <param name="WithdrawnBy">Who withdrew it, and when; null while it is in the tube.</param>
[GenerateSerializer, Alias("grid.tube-member"), Immutable]
public sealed record TubeMember(
    [property: Id(0)] Guid Resident,
    [property: Id(1)] DateTimeOffset CollectedAt,
    [property: Id(2)] ulong Command,
    [property: Id(3)] int Due,
    [property: Id(4)] int Delivered,
    [property: Id(5)] string? WithdrawnBecause,
    [property: Id(6)] ulong Content,
    [property: Id(7)] TubeHand TakenBy,
    [property: Id(8)] TubeHand? WithdrawnBy
)
{
    public bool Withdrawn => WithdrawnBecause is not null;
}
