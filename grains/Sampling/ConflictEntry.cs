namespace Grid.Sampling;

/// <summary>Where a conflict is.</summary>
/// <param name="ConflictId">The conflict.</param>
/// <param name="TubeId">The tube that has it.</param>
/// <param name="OpenedAt">When the conflict started.</param>
[GenerateSerializer, Immutable, Alias("grid.conflict-entry")]
public sealed record ConflictEntry(
    [property: Id(0)] Guid ConflictId,
    [property: Id(1)] string TubeId,
    [property: Id(2)] DateTimeOffset OpenedAt
);
