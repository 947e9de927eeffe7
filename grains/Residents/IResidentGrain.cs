using Grid.Codes;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;

namespace Grid.Residents;

/// <summary>
/// One resident, named by the GUID that <c>ResidentKeys</c> derives from the identity number. Reads interleave with
/// everything and never wait for the store: they show what was last committed.
/// </summary>
public interface IResidentGrain : IGrainWithGuidKey
{
    /// <summary>The code at this moment.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<CodeView> Show();

    /// <summary>
    /// Decides a scan by the code at this moment and the venue's policy, and records it. Answers after the commit; a repeat
    /// of the scan id gets the first outcome.
    /// </summary>
    [AlwaysInterleave]
    ValueTask<VisitReceipt> Scan(ScanCommand scan);

    /// <summary>Activates the resident ahead of a peak. The state follows by a bulk read.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask Warm();

    /// <summary>Everything that is kept about the resident, without the profile.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<ResidentHistory> History();

    /// <summary>Whether the phone number is the one registered; false for somebody unknown.</summary>
    /// <param name="phone">Normalised: 11 digits.</param>
    [AlwaysInterleave, ReadOnly]
    ValueTask<bool> HasPhone(PrivateText phone);

    /// <summary>The registered phone, for a message to it; null for somebody unknown.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<PrivateText?> Phone();

    /// <summary>Registers the resident; the first registration stays, a repeat changes nothing and says what differs.</summary>
    Task<RegistrationAnswer> Register(Registration registration);

    /// <summary>Changes the profile; only what is given. The same again changes nothing.</summary>
    Task<ProfileAnswer> Change(ProfileChange change);

    /// <summary>
    /// Takes in where the resident stands in a tube. Idempotent: a standing of the same or a lower revision than the
    /// one held for that tube changes nothing, so the order of arrival does not matter.
    /// </summary>
    /// <returns>False when nobody is registered under this key.</returns>
    Task<bool> Apply(TubeStanding standing);

    /// <summary>Takes in a dose; the same record again changes nothing.</summary>
    /// <returns>False when nobody is registered under this key.</returns>
    Task<bool> Vaccinate(DoseRecord dose);
}

/// <summary>What a resident registers with; validated and normalised by the gateway.</summary>
/// <param name="IdNumber">18 characters, GB 11643.</param>
/// <param name="Name">Checked by the gateway; see <see cref="Grid.Keys.ProfileVault.TextBytesMax"/>.</param>
/// <param name="Phone">11 digits.</param>
/// <param name="District">GB/T 2260 code, such as 610113.</param>
[GenerateSerializer, Immutable]
public sealed record Registration(
    [property: Id(0)] string IdNumber,
    [property: Id(1)] string Name,
    [property: Id(2)] string Phone,
    [property: Id(3)] int District)
{
    /// <summary>Says nothing of the person, so that no log or exception can.</summary>
    public override string ToString() => nameof(Registration);
}

/// <summary>Fields of a profile.</summary>
[Flags]
public enum ProfileFields : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The name.</summary>
    Name = 1,

    /// <summary>The phone.</summary>
    Phone = 2,

    /// <summary>The district.</summary>
    District = 4,
}

/// <summary>The answer to a registration.</summary>
/// <param name="Created">True when the resident was registered by this call.</param>
/// <param name="Differs">What the grid keeps otherwise than this registration says; nothing of it was changed.</param>
[GenerateSerializer, Immutable, Alias("grid.registration-answer")]
public readonly record struct RegistrationAnswer([property: Id(0)] bool Created, [property: Id(1)] ProfileFields Differs);

/// <summary>What is to be changed in a profile; validated and normalised by the gateway.</summary>
/// <param name="Name">The new name, or null.</param>
/// <param name="Phone">The new phone, or null.</param>
/// <param name="District">The new district, or null.</param>
/// <param name="By">The subject of the operator; empty for the resident.</param>
/// <param name="Reason">Why; stored sealed. Empty for the resident.</param>
[GenerateSerializer, Immutable, Alias("grid.profile-change")]
public sealed record ProfileChange(
    [property: Id(0)] string? Name,
    [property: Id(1)] string? Phone,
    [property: Id(2)] int? District,
    [property: Id(3)] string By,
    [property: Id(4)] string Reason)
{
    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => nameof(ProfileChange);
}

/// <summary>The answer to a change of a profile.</summary>
/// <param name="Registered">False when nobody is registered under this key.</param>
/// <param name="Changed">What changed.</param>
/// <param name="FormerPhone">The phone before, when it changed.</param>
[GenerateSerializer, Immutable, Alias("grid.profile-answer")]
public readonly record struct ProfileAnswer(
    [property: Id(0)] bool Registered,
    [property: Id(1)] ProfileFields Changed,
    [property: Id(2)] PrivateText? FormerPhone);

/// <summary>Everything that is kept about a resident: bounded, newest first.</summary>
/// <param name="Tests">The tests.</param>
/// <param name="Doses">The doses.</param>
/// <param name="Causes">The causes not yet ended by an event, active or not.</param>
/// <param name="Ended">The causes that an event ended.</param>
[GenerateSerializer, Immutable]
public sealed record ResidentHistory(
    [property: Id(0)] TestRecord[] Tests,
    [property: Id(1)] Dose[] Doses,
    [property: Id(2)] Cause[] Causes,
    [property: Id(3)] EndedCause[] Ended);
