using Grid.Codes;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;

namespace Grid.Residents;

/// <summary>
/// One resident. The key is the GUID that <see cref="Keys.ResidentKeys"/> derives from the identity number. Reads
/// interleave with every call and never wait for the store: they show the last committed state.
/// </summary>
public interface IResidentGrain : IGrainWithGuidKey
{
    /// <summary>The current code.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<CodeView> Show();

    /// <summary>
    /// Decides a scan by the current code and the venue's policy, and records it. Answers after the commit; a repeat of
    /// the scan id gets the first outcome.
    /// </summary>
    [AlwaysInterleave]
    ValueTask<VisitReceipt> Scan(ScanCommand scan);

    /// <summary>Activates the resident before a peak. A bulk read brings the state afterwards.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask Warm();

    /// <summary>Everything stored about the resident except the profile.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<ResidentHistory> History();

    /// <summary>Whether this phone is the registered one; false when no resident is registered.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<bool> HasPhone(PhoneNumber phone);

    /// <summary>The registered phone, to send a message to it; null when no resident is registered.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<PhoneNumber?> Phone();

    /// <summary>
    /// Registers the resident. The first registration stays: a repeat changes nothing and reports the differences.
    /// </summary>
    Task<RegistrationAnswer> Register(Registration registration);

    /// <summary>Changes the given fields of the profile. A repeat changes nothing.</summary>
    Task<ProfileAnswer> Change(ProfileChange change);

    /// <summary>
    /// Applies the resident's standing in a tube. A standing that is not newer than the stored revision of that tube
    /// changes nothing, so repeats and reordering are harmless.
    /// </summary>
    /// <returns>False when no resident is registered under this key.</returns>
    Task<bool> Apply(TubeStanding standing);

    /// <summary>Adds a dose; a repeat of the record changes nothing.</summary>
    /// <returns>False when no resident is registered under this key.</returns>
    Task<bool> Vaccinate(DoseRecord dose);
}
