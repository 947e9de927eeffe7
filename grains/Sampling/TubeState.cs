using Grid.Results;

namespace Grid.Sampling;

/// <summary>The stored state of a tube. Every change, except a delivery, copies it.</summary>
[GenerateSerializer, Alias("grid.tube-state")]
public sealed class TubeState : IPendingWork
{
    public const int MaxResults = 32;

    /// <summary>Maximum results held for a tube that is not registered.</summary>
    public const int MaxHeld = 8;

    /// <summary>Maximum conflicts of a tube; a decided one makes room for a new one.</summary>
    public const int MaxConflicts = 16;

    /// <summary>Maximum open conflicts that one laboratory can have with a tube.</summary>
    public const int MaxConflictsPerLaboratory = 4;

    /// <summary>Maximum samples withdrawn from one tube.</summary>
    public const int MaxWithdrawn = 40;

    /// <summary>Null until a site registers the tube.</summary>
    [Id(0)]
    public TubeOpening? Opening { get; set; }

    /// <summary>Whether samples can no longer be added or withdrawn.</summary>
    [Id(1)]
    public bool Sealed { get; set; }

    /// <summary>Rises with every change of a member's standing.</summary>
    [Id(2)]
    public int Revision { get; set; }

    /// <summary>The samples, with the withdrawn ones.</summary>
    [Id(3)]
    public TubeMember[] Members { get; set; } = [];

    /// <summary>The results by sequence, all of one laboratory.</summary>
    [Id(4)]
    public ReceivedResult[] Results { get; set; } = [];

    // Id 5 was used for conflicts without an id of their own.

    /// <summary>The reports that contradict <see cref="Results"/>: the open ones and the last decided ones.</summary>
    [Id(6)]
    public TubeConflict[] Conflicts { get; set; } = [];

    /// <summary>The last results that a decision took out of <see cref="Results"/>, kept as evidence.</summary>
    [Id(7)]
    public ReceivedResult[] Superseded { get; set; } = [];

    [Id(8)]
    public TubeHand? OpenedBy { get; set; }

    /// <summary>Who sealed it: a site, or the laboratory whose result did.</summary>
    [Id(9)]
    public TubeHand? SealedBy { get; set; }

    /// <summary>The laboratories that count this tube among their held tubes (<see cref="IHeldTubesGrain"/>).</summary>
    [Id(10)]
    public string[] HeldFor { get; set; } = [];

    /// <summary>Samples in the tube.</summary>
    public int Count => Members.Count(member => !member.Withdrawn);

    /// <summary>The laboratory of the results; null without one.</summary>
    public string? Laboratory => Results.Length > 0 ? Results[0].Report.LabId : null;

    /// <inheritdoc/>
    public bool HasPendingWork =>
        Array.Exists(Members, member => member.Delivered < member.Due) || (Opening is not null && HeldFor.Length > 0);

    /// <summary>A copy, to change and write.</summary>
    public TubeState Copy() => (TubeState)MemberwiseClone();
}
