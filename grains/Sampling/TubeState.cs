using Grid.Results;

namespace Grid.Sampling;

/// <summary>What the store keeps of a tube. A change of what it says makes a copy.</summary>
[GenerateSerializer, Alias("grid.tube-state")]
public sealed class TubeState : IPendingWork
{
    /// <summary>Most results of one tube.</summary>
    public const int ResultsMax = 32;

    /// <summary>Most results held for a tube that is not registered.</summary>
    public const int MaxHeld = 8;

    /// <summary>Most conflicts kept with a tube; a decided one makes room for a new one.</summary>
    public const int ConflictsMax = 16;

    /// <summary>Most open conflicts that one laboratory can have with a tube.</summary>
    public const int MaxConflictsPerLaboratory = 4;

    /// <summary>Most samples withdrawn from one tube.</summary>
    public const int WithdrawnMax = 40;

    /// <summary>Null until a sampler registers the tube.</summary>
    [Id(0)] public TubeOpening? Opening { get; set; }

    /// <summary>Closed for samples.</summary>
    [Id(1)] public bool Sealed { get; set; }

    /// <summary>Rises with every change of a member's standing.</summary>
    [Id(2)] public int Revision { get; set; }

    /// <summary>The samples, withdrawn ones included.</summary>
    [Id(3)] public TubeMember[] Members { get; set; } = [];

    /// <summary>The results by sequence, all of one laboratory.</summary>
    [Id(4)] public ReceivedResult[] Results { get; set; } = [];

    // Id 5 held conflicts that had no id of their own.

    /// <summary>Reports that contradict <see cref="Results"/>: open ones, and the last that were decided.</summary>
    [Id(6)] public TubeConflict[] Conflicts { get; set; } = [];

    /// <summary>The last results that an operator's decision took out of <see cref="Results"/>: evidence.</summary>
    [Id(7)] public ReceivedResult[] Superseded { get; set; } = [];

    /// <summary>Who registered it, when, who sealed it, when; a result seals it as well.</summary>
    [Id(8)] public TubeHand? OpenedBy { get; set; }

    /// <inheritdoc cref="OpenedBy"/>
    [Id(9)] public TubeHand? SealedBy { get; set; }

    /// <summary>Laboratories that have this tube on their account of held results.</summary>
    [Id(10)] public string[] HeldFor { get; set; } = [];

    /// <summary>Samples in the tube.</summary>
    public int Count => Members.Count(member => !member.Withdrawn);

    /// <summary>The laboratory of the results; null without one.</summary>
    public string? Laboratory => Results.Length > 0 ? Results[0].Report.LabId : null;

    /// <inheritdoc/>
    public bool HasPendingWork =>
        Array.Exists(Members, member => member.Delivered < member.Due) || (Opening is not null && HeldFor.Length > 0);

    /// <summary>A copy, to be changed and written.</summary>
    public TubeState Copy() => (TubeState)MemberwiseClone();
}

/// <summary>Who did something to a tube, and when.</summary>
/// <param name="Subject">The subject of the caller's token.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("grid.tube-hand")]
public sealed record TubeHand(
    [property: Id(0)] string Subject,
    [property: Id(1)] DateTimeOffset At);

/// <summary>A sample in a tube.</summary>
/// <param name="Resident">Whose.</param>
/// <param name="CollectedAt">When it was taken; never after it was taken in.</param>
/// <param name="Command">Digest of the caller's idempotency key; 0 without one.</param>
/// <param name="Due">The revision at which its standing last changed.</param>
/// <param name="Delivered">The revision that the resident has.</param>
/// <param name="WithdrawnBecause">Why it was taken out, sealed about the resident; null while it is in.</param>
/// <param name="Content">Digest of the command's content: the same key with another content is a conflict.</param>
/// <param name="TakenBy">Who reported the sample, and when.</param>
/// <param name="WithdrawnBy">Who took it out, and when; null while it is in.</param>
[GenerateSerializer, Alias("grid.tube-member"), Immutable]
public sealed record TubeMember(
    [property: Id(0)] Guid Resident,
    [property: Id(1)] DateTimeOffset CollectedAt,
    [property: Id(2)] ulong Command,
    [property: Id(3)] int Due,
    [property: Id(4)] int Delivered,
    [property: Id(5)] string? WithdrawnBecause,
    [property: Id(6)] ulong Content,
    [property: Id(7)] TubeHand TakenBy,
    [property: Id(8)] TubeHand? WithdrawnBy)
{
    /// <summary>No longer in the tube.</summary>
    public bool Withdrawn => WithdrawnBecause is not null;
}
