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

    /// <summary>Registers the resident; the first registration stays, a repeat changes nothing.</summary>
    /// <returns>True when made now, false when it was there.</returns>
    Task<bool> Register(Registration registration);

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
