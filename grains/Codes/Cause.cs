namespace Grid.Codes;

/// <summary>Why a resident is not green. The numbers are stored: they never change.</summary>
public enum CauseKind : byte
{
    /// <summary>A pool with the resident's sample is positive; a single retest decides.</summary>
    PoolHold = 1,

    /// <summary>The resident's own sample, tested alone, is positive.</summary>
    Positive = 2,

    /// <summary>Assigned by two members of the code staff.</summary>
    Override = 3,

    /// <summary>A contact found by a case investigation.</summary>
    Contact = 4,
}

/// <summary>
/// One reason for a colour other than green. Causes are independent: ending one leaves every other in force.
/// </summary>
/// <param name="CauseId">Stable: the same event always makes the same id.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Colour">What it asks for: yellow or red.</param>
/// <param name="Source">What made it, such as <c>tube:T-1</c>; never a person.</param>
/// <param name="RuleVersion">The version of the rules that made it.</param>
/// <param name="Since">Its first moment; never after the moment at which the grid took it in.</param>
/// <param name="Until">The first moment at which it no longer holds; null when it has no end of its own.</param>
/// <param name="Issuer">The organisation that answers for it, such as the laboratory.</param>
/// <param name="ReleaseExpectedBy">When what ends it is expected; null when nobody can say.</param>
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
    [property: Id(8)] DateTimeOffset? ReleaseExpectedBy)
{
    /// <summary>
    /// Whether it holds at <paramref name="now"/>: up to and without its end. Its start is not compared: it had begun
    /// when it was taken in, and a silo whose clock is behind must not show a better colour.
    /// </summary>
    public bool IsActive(DateTimeOffset now) => Until is not { } until || now < until;
}

/// <summary>A cause that was ended by an event rather than by its own end.</summary>
/// <param name="Cause">What held.</param>
/// <param name="EndedAt">When it was ended.</param>
/// <param name="EndedBy">What ended it, such as <c>tube:T-1 result 2</c>.</param>
[GenerateSerializer, Alias("grid.ended-cause"), Immutable]
public sealed record EndedCause(
    [property: Id(0)] Cause Cause,
    [property: Id(1)] DateTimeOffset EndedAt,
    [property: Id(2)] string EndedBy);
