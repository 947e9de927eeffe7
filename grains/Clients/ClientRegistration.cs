namespace Grid.Clients;

/// <summary>The secret and the rights of a client.</summary>
/// <param name="SecretDigest">SHA-256 of the secret. The secret has 256 random bits and is never stored.</param>
/// <param name="Identity">The identity in its tokens.</param>
[GenerateSerializer, Alias("grid.client-registration"), Immutable]
public sealed record ClientRegistration(
    [property: Id(0)] byte[] SecretDigest,
    [property: Id(1)] ClientIdentity Identity
);
