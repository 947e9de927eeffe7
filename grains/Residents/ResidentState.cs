using Grid.Codes;
using Grid.Results;
using Grid.Vaccination;

namespace Grid.Residents;

/// <summary>
/// What the grid keeps of a resident. An instance is never changed once it is shown or written: a change makes a
/// copy, so a reader needs no lock. A city keeps millions of these hot, so the members are small.
/// </summary>
[GenerateSerializer, Alias("grid.resident-state")]
public sealed class ResidentState
{
    /// <summary>Tests kept; beyond it the oldest with a result go first.</summary>
    public const int TestsMax = 32;

    /// <summary>Doses kept.</summary>
    public const int DosesMax = 16;

    /// <summary>Ended causes kept; beyond it the oldest go.</summary>
    public const int EndedMax = 16;

    /// <summary>Causes of tubes kept; each needs a positive tube of its own.</summary>
    public const int AskedMax = 32;
    /// <summary>Changes of the profile kept; beyond it the oldest go.</summary>
    public const int ChangesMax = 16;

    /// <summary>The sealed profile (name, identity number, phone); empty when nobody is registered.</summary>
    [Id(0)] public byte[] Profile { get; set; } = [];

    /// <summary>GB/T 2260 code.</summary>
    [Id(1)] public int District { get; set; }

    /// <summary>When the resident was registered, in milliseconds since 1970 UTC.</summary>
    [Id(2)] public long RegisteredUnixMs { get; set; }

    /// <summary>Rises by one with every change.</summary>
    [Id(3)] public int Version { get; set; }

    /// <summary>Causes not ended by an event, oldest first.</summary>
    [Id(4)] public Cause[] Causes { get; set; } = [];

    /// <summary>Causes that an event ended, oldest first.</summary>
    [Id(5)] public EndedCause[] Ended { get; set; } = [];

    /// <summary>Samples and their results, in order of collection.</summary>
    [Id(6)] public TestRecord[] Tests { get; set; } = [];

    /// <summary>Doses in the order in which they were given.</summary>
    [Id(7)] public Dose[] Doses { get; set; } = [];

    /// <summary>
    /// What tubes ask of the colour, ended by other tests or not; those that nothing ends are in <see cref="Causes"/> as
    /// well. Kept, because a corrected retest brings a hold back.
    /// </summary>
    [Id(8)] public TubeCause[] Asked { get; set; } = [];
    /// <summary>Changes of the profile, oldest first.</summary>
    [Id(16)] public ProfileRecord[] Changes { get; set; } = [];

    /// <summary>Whether somebody is registered.</summary>
    public bool Registered => Profile.Length > 0;

    /// <summary>A copy with the next version, to be changed and written.</summary>
    public ResidentState Next()
    {
        var next = (ResidentState)MemberwiseClone();
        next.Version++;
        return next;
    }
}

/// <summary>What a tube asks of a resident's colour.</summary>
/// <param name="Tube">The key of the tube.</param>
/// <param name="CollectedUnixMs">When the resident's sample was taken, in milliseconds since 1970 UTC.</param>
/// <param name="Cause">The cause that it makes.</param>
[GenerateSerializer, Immutable, Alias("grid.tube-cause")]
public sealed record TubeCause(
    [property: Id(0)] Guid Tube,
    [property: Id(1)] long CollectedUnixMs,
    [property: Id(2)] Cause Cause);
/// <summary>A change of a profile: who changed which fields, and why; never what they were.</summary>
/// <param name="AtUnixMs">When, in milliseconds since 1970 UTC.</param>
/// <param name="Fields">Which.</param>
/// <param name="By">The subject of the operator; empty for the resident.</param>
/// <param name="Reason">Why, sealed by <c>ProfileVault.SealText</c>: an operator may name somebody. Empty for the resident.</param>
[GenerateSerializer, Immutable, Alias("grid.profile-record")]
public sealed record ProfileRecord(
    [property: Id(0)] long AtUnixMs,
    [property: Id(1)] ProfileFields Fields,
    [property: Id(2)] string By,
    [property: Id(3)] string Reason);

/// <summary>A sample of the resident and what was found in its tube.</summary>
/// <param name="Tube">The key of the tube (<see cref="StableId.Of"/> of its id): 16 bytes instead of a string.</param>
/// <param name="Revision">The tube's revision that this speaks of.</param>
/// <param name="CollectedUnixMs">When it was taken, in milliseconds since 1970 UTC.</param>
/// <param name="TestedUnixMs">When it was tested; 0 while it waits.</param>
/// <param name="Result">What was found; null while it waits.</param>
/// <param name="Withdrawn">True when the sample was taken out of the tube: kept only so that a late message of a
/// lower revision can't bring it back.</param>
/// <param name="IsSingle">True when the tube held this sample alone.</param>
[GenerateSerializer, Alias("grid.test-record"), Immutable]
public readonly record struct TestRecord(
    [property: Id(0)] Guid Tube,
    [property: Id(1)] int Revision,
    [property: Id(2)] long CollectedUnixMs,
    [property: Id(3)] long TestedUnixMs,
    [property: Id(4)] TestResult? Result,
    [property: Id(5)] bool Withdrawn,
    [property: Id(6)] bool IsSingle)
{
    /// <summary>A test of this person alone that found nothing: it ends a hold, two of them a positive.</summary>
    public bool IsNegativeSingle => IsSingle && !Withdrawn && Result == TestResult.Negative;

    /// <summary>When it was taken.</summary>
    public DateTimeOffset CollectedAt => DateTimeOffset.FromUnixTimeMilliseconds(CollectedUnixMs);

    /// <summary>When it was tested; null while it waits.</summary>
    public DateTimeOffset? TestedAt => Result is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(TestedUnixMs);
}
