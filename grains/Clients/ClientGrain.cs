using System.Security.Cryptography;

namespace Grid.Clients;

/// <inheritdoc cref="IClientGrain"/>
[GrainType("client")]
public sealed class ClientGrain(
    [PersistentState("client", "registry")] IPersistentState<ClientState> state,
    TimeProvider time
) : DurableGrain<ClientState>(state), IClientGrain
{
    /// <inheritdoc/>
    public async Task<ClientIdentity?> Put(ClientRegistration registration, string by)
    {
        var former = State.Registration?.Identity;
        var now = time.GetUtcNow();
        await CommitAsync(
            new ClientState
            {
                Registration = registration,
                ChangedBy = by,
                ChangedAt = now,
            }
        );
        return former;
    }

    /// <inheritdoc/>
    public async Task<ClientIdentity?> Remove(string by)
    {
        if (State.Registration is not { } known)
            return null;
        await CommitAsync(new ClientState { ChangedBy = by, ChangedAt = time.GetUtcNow() });
        return known.Identity;
    }

    /// <inheritdoc/>
    public ValueTask<ClientIdentity?> SignIn(byte[] secretDigest) =>
        new(
            State.Registration is { } known && CryptographicOperations.FixedTimeEquals(known.SecretDigest, secretDigest)
                ? known.Identity
                : null
        );
}
