using Grid.Residents;

namespace Grid.Gateway.Sessions;

/// <summary>
/// Verifies that a document and a name belong together before a person registers. A city connects its police's
/// service here.
/// </summary>
public interface IIdentityVerifier
{
    /// <summary>True when they do. If it throws, the person is not registered and can confirm again.</summary>
    ValueTask<bool> VerifyAsync(Registration registration, CancellationToken cancellation);
}

/// <summary>Grid's default verifier: accepts every person with a confirmed phone.</summary>
internal sealed class AcceptingVerifier : IIdentityVerifier
{
    public ValueTask<bool> VerifyAsync(Registration registration, CancellationToken cancellation) => new(true);
}
