using Grid.Codes;
using Grid.Vaccination;

namespace Grid.Residents;

/// <summary>
/// The stored state of a resident. No instance changes once it is published or written: a change copies it, so a reader
/// needs no lock. Members are small, because a city keeps millions of these in memory.
/// </summary>
[GenerateSerializer, Alias("grid.resident-state")]
public sealed class ResidentState
{
    /// <summary>Beyond this many tests, the oldest one with a result goes first.</summary>
    public const int MaxTests = 32;

    public const int MaxDoses = 16;

    /// <summary>Beyond this many ended causes, the oldest go.</summary>
    public const int MaxEnded = 16;

    /// <summary>Causes that tubes ask for; each needs a positive tube of its own.</summary>
    public const int MaxAsked = 32;

    /// <summary>Beyond this many profile changes, the oldest go.</summary>
    public const int MaxChanges = 16;

    /// <summary>The sealed profile (name, identity number, phone); empty when no resident is registered.</summary>
    [Id(0)]
    public byte[] Profile { get; set; } = [];

    /// <summary>GB/T 2260 code.</summary>
    [Id(1)]
    public int District { get; set; }

    /// <summary>When the resident was registered, in milliseconds since 1970 UTC.</summary>
    [Id(2)]
    public long RegisteredUnixMs { get; set; }

    /// <summary>Rises by one with every change.</summary>
    [Id(3)]
    public int Version { get; set; }

    /// <summary>The causes that no event has ended, oldest first.</summary>
    [Id(4)]
    public Cause[] Causes { get; set; } = [];

    /// <summary>The causes that an event ended, oldest first.</summary>
    [Id(5)]
    public EndedCause[] Ended { get; set; } = [];

    /// <summary>Samples and their results, in order of collection.</summary>
    [Id(6)]
    public TestRecord[] Tests { get; set; } = [];

    /// <summary>Doses in order of administration.</summary>
    [Id(7)]
    public Dose[] Doses { get; set; } = [];

    /// <summary>
    /// The causes that tubes ask for, ended or not; those in force are in <see cref="Causes"/> too. We keep the ended
    /// ones because a corrected retest brings a hold back.
    /// </summary>
    [Id(8)]
    public TubeCause[] Asked { get; set; } = [];

    /// <summary>Changes of the profile, oldest first.</summary>
    [Id(16)]
    public ProfileRecord[] Changes { get; set; } = [];

    public bool Registered => Profile.Length > 0;

    /// <summary>A copy with the next version, to change and write.</summary>
    public ResidentState Next()
    {
        var next = (ResidentState)MemberwiseClone();
        next.Version++;
        return next;
    }
}
