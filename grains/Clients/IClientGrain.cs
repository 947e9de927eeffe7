namespace Grid.Clients;

/// <summary>A machine that signs in with an id and a secret: a laboratory, a clinic, a device maker's cloud.</summary>
public interface IClientGrain : IGrainWithStringKey
{
    /// <summary>Registers the client, or replaces its secret and rights.</summary>
    /// <param name="registration">The secret's digest and the rights.</param>
    /// <param name="by">The subject of the caller's token.</param>
    /// <returns>The identity before the call; null when there was no client.</returns>
    Task<ClientIdentity?> Put(ClientRegistration registration, string by);

    /// <summary>Removes the client. The state keeps who removed it.</summary>
    /// <param name="by">The subject of the caller's token.</param>
    /// <returns>The removed identity; null when there was no client.</returns>
    Task<ClientIdentity?> Remove(string by);

    /// <summary>The client's identity if the digest matches its secret; null otherwise.</summary>
    [ReadOnly]
    ValueTask<ClientIdentity?> SignIn(byte[] secretDigest);
}
