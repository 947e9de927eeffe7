namespace Grid.Results;

/// <summary>What a laboratory found in a tube. The numbers are stored: they never change.</summary>
public enum TestResult : byte
{
    /// <summary>No target found.</summary>
    Negative = 1,

    /// <summary>The target was found.</summary>
    Positive = 2,

    /// <summary>Neither; the sample is to be tested again. Counts as no test.</summary>
    Inconclusive = 3,

    /// <summary>The sample could not be tested. Counts as no test.</summary>
    Invalid = 4,
}

/// <summary>One result as a laboratory reports it: the sequence names it within its tube.</summary>
/// <param name="TubeId">The tube.</param>
/// <param name="Sequence">1, 2, … within the tube; the pair is the idempotency key.</param>
/// <param name="LabId">Which laboratory reports: the organisation of the caller's token.</param>
/// <param name="Method">How it was tested, such as <c>rt-pcr</c>.</param>
/// <param name="Result">What was found.</param>
/// <param name="TestedAt">When it was tested.</param>
/// <param name="CorrectionOf">The lower sequence of the same tube that this one undoes and replaces; or null.</param>
[GenerateSerializer, Alias("grid.result-report"), Immutable]
public sealed record ResultReport(
    [property: Id(0)] string TubeId,
    [property: Id(1)] int Sequence,
    [property: Id(2)] string LabId,
    [property: Id(3)] string Method,
    [property: Id(4)] TestResult Result,
    [property: Id(5)] DateTimeOffset TestedAt,
    [property: Id(6)] int? CorrectionOf);

/// <summary>A report as the tube keeps it.</summary>
/// <param name="Report">What the laboratory said.</param>
/// <param name="ReceiptId">Stable for the tube and sequence.</param>
/// <param name="ReceivedAt">When it was taken in.</param>
/// <param name="Held">It came before its tube.</param>
/// <param name="By">Who reported it: <c>lab</c> or <c>lab/person</c>.</param>
[GenerateSerializer, Alias("grid.received-result"), Immutable]
public sealed record ReceivedResult(
    [property: Id(0)] ResultReport Report,
    [property: Id(1)] Guid ReceiptId,
    [property: Id(2)] DateTimeOffset ReceivedAt,
    [property: Id(3)] bool Held,
    [property: Id(4)] string By)
{
    /// <summary>
    /// When it was tested, and not after it was taken in: a laboratory's clock may be ahead, and nothing that follows
    /// from the result may wait for that. Both moments are kept, so repeats and late results come to the same.
    /// </summary>
    public DateTimeOffset TestedAt => Moment.Earlier(Report.TestedAt, ReceivedAt);
}

/// <summary>What became of a report.</summary>
public enum ResultStatus : byte
{
    /// <summary>Taken in now.</summary>
    Accepted = 1,

    /// <summary>The same report again: the first receipt.</summary>
    Replayed = 2,

    /// <summary>
    /// Another content under the same tube and sequence, or a tube that another laboratory reports: kept for an
    /// operator, nothing changed.
    /// </summary>
    Conflict = 3,

    /// <summary>The tube has <see cref="Sampling.TubeState.ResultsMax"/> results already.</summary>
    TooMany = 4,

    /// <summary>A correction names a sequence that is not lower than its own.</summary>
    CorrectionInvalid = 5,

    /// <summary>Tested before a sample of the tube was taken, by more than clocks may differ.</summary>
    TestedBeforeCollected = 6,

    /// <summary>Tested longer ago than <see cref="Sampling.SamplingOptions.MaxAge"/>, for a tube without samples.</summary>
    TooOld = 7,

    /// <summary>The laboratory has as many results held as it may have.</summary>
    HeldTooMany = 8,
}

/// <summary>The answer to a report.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="ReceiptId">The receipt; of the first report when it is a replay or a conflict.</param>
/// <param name="Applied">True when every member has it; false while it is held for a tube not yet known.</param>
[GenerateSerializer, Immutable]
public readonly record struct ResultReceipt(
    [property: Id(0)] ResultStatus Status,
    [property: Id(1)] Guid ReceiptId,
    [property: Id(2)] bool Applied);
