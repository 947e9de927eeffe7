using Grid.Sessions;

namespace Grid.Residents;

/// <inheritdoc cref="IRegistrationGrain"/>
[GrainType("registration")]
public sealed class RegistrationGrain(TimeProvider time) : OneTimeCodeGrain<Registration>(time), IRegistrationGrain
{
    /// <inheritdoc/>
    public Task<PrivateText> Open(Registration registration) => Task.FromResult(Hold(registration));

    /// <inheritdoc/>
    public Task<Registration?> Redeem(PrivateText code) =>
        Task.FromResult(TryRedeem(code, out var registration) ? registration : null);
}
