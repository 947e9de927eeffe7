namespace Grid.Residents;

/// <summary>
/// A change of a resident's phone that waits for its one-time code. The key is the resident's; it lives in memory only.
/// </summary>
public interface IPhoneChangeGrain : IGrainWithGuidKey
{
    /// <summary>Keeps the new phone, replacing an earlier one, and creates its code.</summary>
    Task<PrivateText> Open(PhoneNumber phone);

    /// <summary>Checks a code: it must be in time and within the allowed attempts.</summary>
    /// <returns>The new phone, or null when the code is wrong.</returns>
    Task<PhoneNumber?> Redeem(PrivateText code);
}
