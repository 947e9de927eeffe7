namespace Grid.Sessions;

/// <summary>A challenge whose code is still valid.</summary>
/// <param name="Challenge">The id of the challenge.</param>
/// <param name="Digest">See <see cref="OneTimeCodes.Digest"/>.</param>
/// <param name="ExpiresAt">When the code expires.</param>
/// <param name="Attempts">How many wrong codes were tried.</param>
[GenerateSerializer, Immutable, Alias("grid.open-challenge")]
public sealed record OpenChallenge(
    [property: Id(0)] Guid Challenge,
    [property: Id(1)] byte[] Digest,
    [property: Id(2)] DateTimeOffset ExpiresAt,
    [property: Id(3)] int Attempts
);
