using Grid.Results;

namespace Grid.Sampling;

/// <summary>
/// One sample tube, named by the id on its barcode: open → sealed → resulted → corrected. It alone knows its members,
/// and brings each of them every change exactly once. <c>by</c> is the subject of the caller's token: a site acts on
/// its own tubes, a laboratory on its own results, and the state keeps who did what.
/// </summary>
public interface ITubeGrain : IResumable
{
    /// <summary>Registers the tube. A result held for it is applied from now on.</summary>
    Task<TubeAnswer> Open(TubeOpening opening, string by);

    /// <summary>Puts a resident's sample into the tube; answers after the tube and the resident are durable.</summary>
    Task<TubeAnswer> AddSample(SampleCollected sample, string by);

    /// <summary>Takes a sample out again, before sealing only.</summary>
    Task<TubeAnswer> Withdraw(Guid resident, PrivateText reason, string by);

    /// <summary>Closes the tube: no sample comes in or goes out.</summary>
    Task<TubeAnswer> Seal(string by);

    /// <summary>
    /// A whole tube collected offline: opens it, puts in every sample it does not have, and seals it when asked.
    /// Replay-safe: what is there already counts as done. A sample that can't be taken refuses the whole tube.
    /// </summary>
    Task<TubeImportAnswer> Import(WholeTube tube, string by);

    /// <summary>
    /// Takes in a laboratory's result; answers after every member has it, or it is held durably. A result seals a
    /// registered tube. The first laboratory that reports a tube is the tube's: another one's results wait for an
    /// operator.
    /// </summary>
    Task<ResultReceipt> Report(ResultReport report, string by);

    /// <summary>What may be said of the tube: no names.</summary>
    [ReadOnly]
    ValueTask<TubeView> Get();

    /// <summary>A conflict of the tube; null when it has none of that id.</summary>
    [ReadOnly]
    ValueTask<TubeConflict?> Conflict(Guid conflictId);

    /// <summary>Decides a conflict; answers after every member has what follows. A repeat changes nothing.</summary>
    Task<ConflictAnswer> Resolve(Guid conflictId, ConflictDecision decision);
}

/// <summary>What a sampler registers a tube with.</summary>
/// <param name="Capacity">1, 5, 10 or 20.</param>
/// <param name="SiteId">Where it is filled, 1 to 64 characters.</param>
[GenerateSerializer, Alias("grid.tube-opening"), Immutable]
public sealed record TubeOpening(
    [property: Id(0)] int Capacity,
    [property: Id(1)] string SiteId);

/// <summary>One sample.</summary>
/// <param name="Resident">Whose.</param>
/// <param name="CollectedAt">When it was taken.</param>
/// <param name="IdempotencyKey">The caller's key of this command, if it sent one: the same key again is a repeat.</param>
[GenerateSerializer, Immutable]
public sealed record SampleCollected(
    [property: Id(0)] Guid Resident,
    [property: Id(1)] DateTimeOffset CollectedAt,
    [property: Id(2)] string? IdempotencyKey);

/// <summary>A tube with all of its samples, collected without a connection.</summary>
[GenerateSerializer, Immutable]
public sealed record WholeTube(
    [property: Id(0)] TubeOpening Opening,
    [property: Id(1)] SampleCollected[] Samples,
    [property: Id(2)] bool Seal);

/// <summary>What became of a command to a tube.</summary>
public enum TubeStatus : byte
{
    /// <summary>Done now.</summary>
    Done = 1,

    /// <summary>Done before; nothing changed.</summary>
    Replayed = 2,

    /// <summary>No tube of that id.</summary>
    Unknown = 3,

    /// <summary>The id is taken by a tube of another capacity or site.</summary>
    Conflict = 4,

    /// <summary>As many samples as it can take.</summary>
    Full = 5,

    /// <summary>Sealed.</summary>
    Sealed = 6,

    /// <summary>The resident has a sample in it.</summary>
    AlreadyInTube = 7,

    /// <summary>Nobody is registered under that key.</summary>
    ResidentUnknown = 8,

    /// <summary>The resident has no sample in it.</summary>
    NotInTube = 9,

    /// <summary>The tube has a result, and the sample was taken after it was tested.</summary>
    CollectedAfterResult = 10,

    /// <summary>The tube is another site's.</summary>
    OtherSite = 11,

    /// <summary>The sample was taken longer ago than <see cref="SamplingOptions.MaxAge"/>.</summary>
    TooOld = 12,

    /// <summary>The idempotency key was used for another sample of the tube.</summary>
    KeyConflict = 13,
}

/// <summary>The answer to a command.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Count">Samples in the tube now.</param>
/// <param name="Capacity">Samples it can take.</param>
[GenerateSerializer, Immutable]
public readonly record struct TubeAnswer(
    [property: Id(0)] TubeStatus Status,
    [property: Id(1)] int Count,
    [property: Id(2)] int Capacity);

/// <summary>The answer to an import.</summary>
/// <param name="Status"><see cref="TubeStatus.Done"/>, <see cref="TubeStatus.Replayed"/> when it changed nothing, or
/// why the tube as a whole was refused.</param>
/// <param name="Samples">How each sample was judged, in order; empty for a tube of another opening. A refused tube keeps none.</param>
[GenerateSerializer, Immutable]
public sealed record TubeImportAnswer(
    [property: Id(0)] TubeStatus Status,
    [property: Id(1)] TubeStatus[] Samples)
{
    /// <summary>Whether a sample that was judged so is in the tube.</summary>
    public static bool IsTaken(TubeStatus sample) =>
        sample is TubeStatus.Done or TubeStatus.Replayed or TubeStatus.AlreadyInTube;
}

/// <summary>How far a tube has come.</summary>
public enum TubePhase : byte
{
    /// <summary>Not registered; a result may be held for it.</summary>
    Unknown = 0,

    /// <summary>Takes samples.</summary>
    Open = 1,

    /// <summary>Closed, waiting for its result.</summary>
    Sealed = 2,

    /// <summary>Has a result.</summary>
    Resulted = 3,

    /// <summary>A result was corrected.</summary>
    Corrected = 4,
}

/// <summary>What may be said of a tube.</summary>
/// <param name="Phase">How far it has come.</param>
/// <param name="Count">Samples in it.</param>
/// <param name="Capacity">Samples it can take.</param>
/// <param name="SiteId">Where it was filled; null when unknown.</param>
/// <param name="Result">What counts of its results now; null without one.</param>
/// <param name="TestedAt">When that was tested.</param>
/// <param name="Held">Results held until the tube arrives.</param>
/// <param name="Conflicts">Conflicts that wait for an operator.</param>
[GenerateSerializer, Immutable]
public sealed record TubeView(
    [property: Id(0)] TubePhase Phase,
    [property: Id(1)] int Count,
    [property: Id(2)] int Capacity,
    [property: Id(3)] string? SiteId,
    [property: Id(4)] TestResult? Result,
    [property: Id(5)] DateTimeOffset? TestedAt,
    [property: Id(6)] int Held,
    [property: Id(7)] int Conflicts);

/// <summary>What a tube asks of a member's colour.</summary>
public enum StandingCause : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A provisional hold: the pool is positive.</summary>
    Hold = 1,

    /// <summary>Red: the single sample is positive.</summary>
    Positive = 2,
}

/// <summary>
/// Where one resident stands in one tube: the whole truth at a revision, not a change, so that applying it twice or
/// late does no harm.
/// </summary>
/// <param name="TubeId">The tube.</param>
/// <param name="Revision">Rises with every change of the tube's members or results.</param>
/// <param name="CollectedAt">When the sample was taken.</param>
/// <param name="Withdrawn">True when the sample is no longer in the tube.</param>
/// <param name="Result">What counts of the tube's results; null while it waits.</param>
/// <param name="TestedAt">When that was tested.</param>
/// <param name="Sequence">The sequence of that result; 0 while it waits.</param>
/// <param name="Cause">What it asks of the colour.</param>
/// <param name="CauseSince">When the result behind the cause was tested.</param>
/// <param name="IsSingle">True when the tube holds one person's sample: its negative ends a pool's hold.</param>
/// <param name="Issuer">The laboratory of the result behind the cause; null without a cause.</param>
[GenerateSerializer, Immutable]
public sealed record TubeStanding(
    [property: Id(0)] string TubeId,
    [property: Id(1)] int Revision,
    [property: Id(2)] DateTimeOffset CollectedAt,
    [property: Id(3)] bool Withdrawn,
    [property: Id(4)] TestResult? Result,
    [property: Id(5)] DateTimeOffset TestedAt,
    [property: Id(6)] int Sequence,
    [property: Id(7)] StandingCause Cause,
    [property: Id(8)] DateTimeOffset CauseSince,
    [property: Id(9)] bool IsSingle,
    [property: Id(10)] string? Issuer);
