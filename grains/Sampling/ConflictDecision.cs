namespace Grid.Sampling;

/// <summary>Which of two results an operator keeps. Rows store the numbers: they never change.</summary>
public enum Keep : byte
{
    /// <summary>The result that the tube has.</summary>
    First = 1,

    /// <summary>The result that waits.</summary>
    Second = 2,
}

/// <summary>An operator's decision of a conflict.</summary>
/// <param name="Keep">Which result stays.</param>
/// <param name="Reason">Why; stored sealed.</param>
/// <param name="By">The operator: <c>organisation/person</c>.</param>
/// <param name="At">When; the tube sets it.</param>
[GenerateSerializer, Immutable, Alias("grid.conflict-decision")]
public sealed record ConflictDecision(
    [property: Id(0)] Keep Keep,
    [property: Id(1)] string Reason,
    [property: Id(2)] string By,
    [property: Id(3)] DateTimeOffset At
)
{
    /// <summary>Hides the reason, which may name a person.</summary>
    public override string ToString() => $"{Keep} by {By}";
}
