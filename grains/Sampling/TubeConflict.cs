using Grid.Results;

namespace Grid.Sampling;

/// <summary>Why a result waits for an operator. Rows store the numbers: they never change.</summary>
public enum ConflictKind : byte
{
    /// <summary>One tube and sequence has two contents.</summary>
    Key = 1,

    /// <summary>Another laboratory than the tube's reported it.</summary>
    Laboratory = 2,

    /// <summary>It was held for the tube, and the test is older than the tube's samples.</summary>
    Time = 3,
}

/// <summary>A result that contradicts the tube's. It changes nothing until an operator decides.</summary>
/// <param name="ConflictId">The same report always makes the same id.</param>
/// <param name="Kind">Why it waits.</param>
/// <param name="First">The tube's result when the second one arrived; null when it had none.</param>
/// <param name="Second">The result that waits.</param>
/// <param name="OpenedAt">When the conflict started.</param>
/// <param name="BeforeTube">
/// True when it arrived before the tube was registered: the first result was not visible yet.
/// </param>
/// <param name="Decision">The operator's decision; null while the conflict is open.</param>
[GenerateSerializer, Immutable, Alias("grid.tube-conflict")]
public sealed record TubeConflict(
    [property: Id(0)] Guid ConflictId,
    [property: Id(1)] ConflictKind Kind,
    [property: Id(2)] ReceivedResult? First,
    [property: Id(3)] ReceivedResult Second,
    [property: Id(4)] DateTimeOffset OpenedAt,
    [property: Id(5)] bool BeforeTube,
    [property: Id(6)] ConflictDecision? Decision
)
{
    public bool IsOpen => Decision is null;
}
