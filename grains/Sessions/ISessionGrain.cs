using Grid.Residents;

namespace Grid.Sessions;

/// <summary>The sign-in of one resident by one-time codes. The key is the resident's.</summary>
public interface ISessionGrain : IGrainWithGuidKey
{
    /// <summary>Makes a one-time code if the phone is the resident's and the hourly limit allows it.</summary>
    /// <param name="phone">The phone that the caller typed.</param>
    /// <param name="challenge">
    /// A random id that the sign-in must repeat. Without it, another caller can't use up the attempts of this code.
    /// </param>
    Task<ChallengeAnswer> Challenge(PhoneNumber phone, Guid challenge);

    /// <summary>
    /// Redeems a one-time code: once, in time, and within the attempts that this challenge allows.
    /// </summary>
    Task<bool> Redeem(Guid challenge, PrivateText code);
}
