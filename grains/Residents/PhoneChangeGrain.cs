using Grid.Sessions;

namespace Grid.Residents;

/// <inheritdoc cref="IPhoneChangeGrain"/>
[GrainType("phone-change")]
public sealed class PhoneChangeGrain(TimeProvider time) : OneTimeCodeGrain<PhoneNumber>(time), IPhoneChangeGrain
{
    /// <inheritdoc/>
    public Task<PrivateText> Open(PhoneNumber phone) => Task.FromResult(Hold(phone));

    /// <inheritdoc/>
    public Task<PhoneNumber?> Redeem(PrivateText code) =>
        Task.FromResult(TryRedeem(code, out var phone) ? phone : default(PhoneNumber?));
}
