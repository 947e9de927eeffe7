namespace Grid.Clients;

/// <summary>A subject whose tokens are revoked up to a time.</summary>
/// <param name="Role">The number of the role in a token.</param>
/// <param name="Subject">The subject in a token.</param>
/// <param name="NotBeforeUnixSeconds">Tokens issued at or before this time are revoked.</param>
/// <param name="By">The subject that revoked them.</param>
[GenerateSerializer, Immutable, Alias("grid.revoked-subject")]
public sealed record RevokedSubject(
    [property: Id(0)] int Role,
    [property: Id(1)] string Subject,
    [property: Id(2)] long NotBeforeUnixSeconds,
    [property: Id(3)] string By = ""
);
