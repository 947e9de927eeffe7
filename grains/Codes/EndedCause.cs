namespace Grid.Codes;

/// <summary>A cause that an event ended before it expired.</summary>
/// <param name="Cause">The cause that was active.</param>
/// <param name="EndedAt">When the event ended it.</param>
/// <param name="EndedBy">The event, such as <c>tube:T-1 result 2</c>.</param>
[GenerateSerializer, Alias("grid.ended-cause"), Immutable]
public sealed record EndedCause(
    [property: Id(0)] Cause Cause,
    [property: Id(1)] DateTimeOffset EndedAt,
    [property: Id(2)] string EndedBy
);
