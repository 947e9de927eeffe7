namespace Grid.Clients;

/// <summary>A machine that signs in with an id and a secret: a lab, a clinic, a device maker's cloud.</summary>
public interface IClientGrain : IGrainWithStringKey
{
    /// <summary>Registers the client or replaces its secret and rights.</summary>
    /// <param name="registration">What it is registered with.</param>
    /// <param name="by">Who registers it: the subject of the caller's token.</param>
    /// <returns>What its tokens named before; null when there was none.</returns>
    Task<ClientIdentity?> Put(ClientRegistration registration, string by);

    /// <summary>Removes the client. Who did it stays on record.</summary>
    /// <param name="by">The subject of the caller's token.</param>
    /// <returns>What its tokens name; null when there was none.</returns>
    Task<ClientIdentity?> Remove(string by);

    /// <summary>The client's role and subject when the digest of the secret is right; null otherwise.</summary>
    [ReadOnly]
    ValueTask<ClientIdentity?> SignIn(byte[] secretDigest);
}

/// <summary>What a client is registered with.</summary>
/// <param name="SecretDigest">SHA-256 of the secret; the secret is 256 random bits and never stored.</param>
/// <param name="Identity">What a token for it names.</param>
[GenerateSerializer, Alias("grid.client-registration"), Immutable]
public sealed record ClientRegistration(
    [property: Id(0)] byte[] SecretDigest,
    [property: Id(1)] ClientIdentity Identity);

/// <summary>What a client's token names.</summary>
/// <param name="Role">A role of the API.</param>
/// <param name="Subject">Who, such as <c>lab-001</c>.</param>
[GenerateSerializer, Alias("grid.client-identity"), Immutable]
public sealed record ClientIdentity(
    [property: Id(0)] string Role,
    [property: Id(1)] string Subject);

/// <summary>What the store keeps of a client.</summary>
[GenerateSerializer, Alias("grid.client-state")]
public sealed class ClientState
{
    /// <summary>The registration; null when there is none.</summary>
    [Id(0)] public ClientRegistration? Registration { get; set; }

    /// <summary>Who changed it last.</summary>
    [Id(1)] public string ChangedBy { get; set; } = "";

    /// <summary>When.</summary>
    [Id(2)] public DateTimeOffset ChangedAt { get; set; }
}
