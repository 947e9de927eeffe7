namespace Grid.Residents;

/// <summary>
/// One registration that waits for its one-time code. Kept in memory only, for the life of the code: whoever asks for a
/// code leaves no row. When the silo ends meanwhile, the person asks for another.
/// </summary>
public interface IRegistrationGrain : IGrainWithGuidKey
{
    /// <summary>Opens it and makes the code for its phone.</summary>
    Task<PrivateText> Open(Registration registration);

    /// <summary>Takes a code: in time and within the attempts allowed.</summary>
    /// <returns>The registration, or null when the code is not the one.</returns>
    Task<Registration?> Redeem(PrivateText code);
}

/// <summary>A change of a resident's phone that waits for its one-time code; named as the resident is. Kept in memory only.</summary>
public interface IPhoneChangeGrain : IGrainWithGuidKey
{
    /// <summary>Opens it, in place of an earlier one, and makes the code for the new phone.</summary>
    Task<PrivateText> Open(PrivateText phone);

    /// <summary>Takes a code: in time and within the attempts allowed.</summary>
    /// <returns>The new phone, or null when the code is not the one.</returns>
    Task<PrivateText?> Redeem(PrivateText code);
}
