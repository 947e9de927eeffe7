using Grid.Residents;

namespace Grid.Gateway.Sessions;

/// <summary>
/// Says whether a document and a name belong together, before a person who registers is taken in. A city puts the
/// service of its police here.
/// </summary>
public interface IIdentityVerifier
{
    /// <summary>True when they do. May throw: nobody is registered then, and the person can confirm again.</summary>
    ValueTask<bool> VerifyAsync(Registration registration, CancellationToken cancellation);
}

/// <summary>The verifier that comes with Grid: it accepts everybody whose phone was confirmed.</summary>
internal sealed class AcceptingVerifier : IIdentityVerifier
{
    public ValueTask<bool> VerifyAsync(Registration registration, CancellationToken cancellation) => new(true);
}
