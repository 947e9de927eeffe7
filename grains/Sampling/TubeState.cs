using Grid.Results;

namespace Grid.Sampling;

/// <summary>What the store keeps of a tube. A change of what it says makes a copy.</summary>
[GenerateSerializer, Alias("grid.tube-state")]
public sealed class TubeState : IPendingWork
{
    /// <summary>Results of one tube at the most.</summary>
    public const int ResultsMax = 32;

    /// <summary>Conflicting reports kept for an operator at the most; more are refused all the same.</summary>
    public const int ConflictsMax = 16;

    /// <summary>Samples withdrawn from one tube at the most.</summary>
    public const int WithdrawnMax = 40;

    /// <summary>Null until a sampler registers the tube.</summary>
    [Id(0)] public TubeOpening? Opening { get; set; }

    /// <summary>Closed for samples.</summary>
    [Id(1)] public bool Sealed { get; set; }

    /// <summary>Rises with every change of a member's standing.</summary>
    [Id(2)] public int Revision { get; set; }

    /// <summary>The samples, withdrawn ones included.</summary>
    [Id(3)] public TubeMember[] Members { get; set; } = [];

    /// <summary>The results by sequence.</summary>
    [Id(4)] public ReceivedResult[] Results { get; set; } = [];

    /// <summary>Reports that contradict one in <see cref="Results"/>, kept for an operator.</summary>
    [Id(5)] public ReceivedResult[] Conflicts { get; set; } = [];

    /// <summary>Samples in the tube.</summary>
    public int Count => Members.Count(member => !member.Withdrawn);

    /// <inheritdoc/>
    public bool HasPendingWork => Array.Exists(Members, member => member.Delivered < member.Due);

    /// <summary>A copy, to be changed and written.</summary>
    public TubeState Copy() => (TubeState)MemberwiseClone();
}

/// <summary>A sample in a tube.</summary>
/// <param name="Resident">Whose.</param>
/// <param name="CollectedAt">When it was taken.</param>
/// <param name="Command">Digest of the caller's idempotency key; 0 without one.</param>
/// <param name="Due">The revision at which its standing last changed.</param>
/// <param name="Delivered">The revision that the resident has.</param>
/// <param name="WithdrawnBecause">Why it was taken out; null while it is in.</param>
[GenerateSerializer, Alias("grid.tube-member"), Immutable]
public sealed record TubeMember(
    [property: Id(0)] Guid Resident,
    [property: Id(1)] DateTimeOffset CollectedAt,
    [property: Id(2)] ulong Command,
    [property: Id(3)] int Due,
    [property: Id(4)] int Delivered,
    [property: Id(5)] string? WithdrawnBecause)
{
    /// <summary>No longer in the tube.</summary>
    public bool Withdrawn => WithdrawnBecause is not null;
}
