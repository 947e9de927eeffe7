using System.Security.Cryptography;

namespace Grid.Clients;

/// <inheritdoc cref="IClientGrain"/>
[GrainType("client")]
public sealed class ClientGrain(
    [PersistentState("client", "registry")] IPersistentState<ClientState> state, TimeProvider time)
    : DurableGrain<ClientState>(state), IClientGrain
{
    /// <inheritdoc/>
    public Task Put(ClientRegistration registration, string by) =>
        Commit(new ClientState { Registration = registration, ChangedBy = by, ChangedAt = time.GetUtcNow() });

    /// <inheritdoc/>
    public async Task<ClientIdentity?> Remove()
    {
        if (State.Registration is not { } known)
            return null;
        await Commit(new ClientState());
        return known.Identity;
    }

    /// <inheritdoc/>
    public ValueTask<ClientIdentity?> SignIn(byte[] secretDigest) => new(
        State.Registration is { } known && CryptographicOperations.FixedTimeEquals(known.SecretDigest, secretDigest)
            ? known.Identity
            : null);
}
