namespace Grid.Sampling;

/// <summary>One sample.</summary>
/// <param name="Resident">The resident.</param>
/// <param name="CollectedAt">When it was taken.</param>
/// <param name="IdempotencyKey">The caller's key of this command, if any: the same key again is a repeat.</param>
[GenerateSerializer, Immutable]
public sealed record SampleCollected(
    [property: Id(0)] Guid Resident,
    [property: Id(1)] DateTimeOffset CollectedAt,
    [property: Id(2)] string? IdempotencyKey
);
