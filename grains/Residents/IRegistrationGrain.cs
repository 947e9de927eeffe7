namespace Grid.Residents;

/// <summary>
/// One registration that waits for its one-time code. It lives in memory for as long as the code, so a request for a
/// code writes no row. If the silo stops, the person asks for another code.
/// </summary>
public interface IRegistrationGrain : IGrainWithGuidKey
{
    /// <summary>Keeps the registration and creates the code for its phone.</summary>
    Task<PrivateText> Open(Registration registration);

    /// <summary>Checks a code: it must be in time and within the allowed attempts.</summary>
    /// <returns>The registration, or null when the code is wrong.</returns>
    Task<Registration?> Redeem(PrivateText code);
}
