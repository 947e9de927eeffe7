namespace Grid.Clients;

/// <summary>
/// The subjects whose earlier tokens are revoked. One grain (key 0) suffices: writes are rare, and each gateway reads
/// it every few seconds.
/// </summary>
public interface IRevocationsGrain : IGrainWithIntegerKey
{
    /// <summary>Revokes the tokens of a subject; false when the list is full.</summary>
    Task<bool> Revoke(RevokedSubject subject);

    /// <summary>The revocations that still matter.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<RevokedSubject[]> All();
}
