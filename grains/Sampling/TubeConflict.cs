using Grid.Results;

namespace Grid.Sampling;

/// <summary>Why a result waits for an operator. The numbers are stored: they never change.</summary>
public enum ConflictKind : byte
{
    /// <summary>Two contents under one tube and sequence.</summary>
    Key = 1,

    /// <summary>Another laboratory than the tube's reported it.</summary>
    Laboratory = 2,

    /// <summary>It was held for the tube, and was tested before the tube's samples were taken.</summary>
    Time = 3,
}

/// <summary>Which of two results an operator keeps. The numbers are stored: they never change.</summary>
public enum Keep : byte
{
    /// <summary>What the tube has.</summary>
    First = 1,

    /// <summary>What waits.</summary>
    Second = 2,
}

/// <summary>A result that contradicts what the tube has. It changes nothing until an operator decides.</summary>
/// <param name="ConflictId">Stable: the same report always makes the same id.</param>
/// <param name="Kind">Why it waits.</param>
/// <param name="First">What the tube had when it came; null when it had none.</param>
/// <param name="Second">What waits.</param>
/// <param name="OpenedAt">Since when.</param>
/// <param name="BeforeTube">True when it came before the tube was registered: nobody had seen the first one.</param>
/// <param name="Decision">What an operator decided; null while it is open.</param>
[GenerateSerializer, Immutable, Alias("grid.tube-conflict")]
public sealed record TubeConflict(
    [property: Id(0)] Guid ConflictId,
    [property: Id(1)] ConflictKind Kind,
    [property: Id(2)] ReceivedResult? First,
    [property: Id(3)] ReceivedResult Second,
    [property: Id(4)] DateTimeOffset OpenedAt,
    [property: Id(5)] bool BeforeTube,
    [property: Id(6)] ConflictDecision? Decision)
{
    /// <summary>Waits for an operator.</summary>
    public bool IsOpen => Decision is null;
}

/// <summary>An operator's decision.</summary>
/// <param name="Keep">Which result stays.</param>
/// <param name="Reason">Why; stored sealed.</param>
/// <param name="By">Who decided: <c>organisation/person</c>.</param>
/// <param name="At">When; set by the tube.</param>
[GenerateSerializer, Immutable, Alias("grid.conflict-decision")]
public sealed record ConflictDecision(
    [property: Id(0)] Keep Keep,
    [property: Id(1)] string Reason,
    [property: Id(2)] string By,
    [property: Id(3)] DateTimeOffset At)
{
    /// <summary>Does not say the reason, which may name somebody.</summary>
    public override string ToString() => $"{Keep} by {By}";
}

/// <summary>What became of a decision.</summary>
public enum ConflictStatus : byte
{
    /// <summary>Decided now.</summary>
    Done = 1,

    /// <summary>Decided alike before; nothing changed.</summary>
    Replayed = 2,

    /// <summary>No conflict of that id.</summary>
    Unknown = 3,

    /// <summary>Decided otherwise before; nothing changed.</summary>
    Decided = 4,
}

/// <summary>The answer to a decision.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Conflict">The conflict as it stands; null when unknown.</param>
[GenerateSerializer, Immutable, Alias("grid.conflict-answer")]
public readonly record struct ConflictAnswer(
    [property: Id(0)] ConflictStatus Status,
    [property: Id(1)] TubeConflict? Conflict);
