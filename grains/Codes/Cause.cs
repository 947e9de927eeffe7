namespace Grid.Codes;

/// <summary>Why a resident is not green. Rows store the numbers: they never change.</summary>
public enum CauseKind : byte
{
    /// <summary>A pool with the resident's sample is positive; a single retest decides.</summary>
    PoolHold = 1,

    /// <summary>The resident's own sample, tested alone, is positive.</summary>
    Positive = 2,

    /// <summary>Two members of the code staff assigned it.</summary>
    Override = 3,

    /// <summary>A case investigation found a contact.</summary>
    Contact = 4,
}

/// <summary>
/// One reason for a colour other than green. Causes are independent: ending one leaves every other in force.
/// </summary>
/// <param name="CauseId">The same event always makes the same id.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Colour">Yellow or red.</param>
/// <param name="Source">What made the cause, such as <c>tube:T-1</c>; never a person.</param>
/// <param name="RuleVersion">The version of the rules that made it.</param>
/// <param name="Since">When it starts; never later than the grid received it.</param>
/// <param name="Until">The first moment at which it is no longer active; null when it does not expire.</param>
/// <param name="Issuer">The organisation that answers for it, such as the laboratory.</param>
/// <param name="ReleaseExpectedBy">When we expect the event that ends it; null when unknown.</param>
[GenerateSerializer, Alias("grid.cause"), Immutable]
public sealed record Cause(
    [property: Id(0)] Guid CauseId,
    [property: Id(1)] CauseKind Kind,
    [property: Id(2)] CodeColour Colour,
    [property: Id(3)] string Source,
    [property: Id(4)] int RuleVersion,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] DateTimeOffset? Until,
    [property: Id(7)] string Issuer,
    [property: Id(8)] DateTimeOffset? ReleaseExpectedBy
)
{
    /// <summary>
    /// Whether the cause is active at <paramref name="now"/>: before its end. We do not compare its start: it had
    /// started when the grid received it, and a silo with a slow clock must not show a better colour.
    /// </summary>
    public bool IsActive(DateTimeOffset now) => Until is not { } until || now < until;
}
