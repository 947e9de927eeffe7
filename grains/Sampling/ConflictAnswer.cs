namespace Grid.Sampling;

/// <summary>The outcome of a decision.</summary>
public enum ConflictStatus : byte
{
    /// <summary>The conflict is decided now.</summary>
    Done = 1,

    /// <summary>The same decision was made before; nothing changed.</summary>
    Replayed = 2,

    /// <summary>The tube has no conflict of this id.</summary>
    Unknown = 3,

    /// <summary>Another decision was made before; nothing changed.</summary>
    Decided = 4,
}

/// <summary>The answer to a decision.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Conflict">The conflict after the call; null when it is unknown.</param>
[GenerateSerializer, Immutable, Alias("grid.conflict-answer")]
public readonly record struct ConflictAnswer(
    [property: Id(0)] ConflictStatus Status,
    [property: Id(1)] TubeConflict? Conflict
);
