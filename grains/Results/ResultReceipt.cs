using Grid.Sampling;

namespace Grid.Results;

/// <summary>The outcome of a report.</summary>
public enum ResultStatus : byte
{
    /// <summary>The tube has the result now.</summary>
    Accepted = 1,

    /// <summary>The same report was accepted before; the receipt is the first one.</summary>
    Replayed = 2,

    /// <summary>
    /// The tube and sequence have another content, or another laboratory reports the tube. The report waits for an
    /// operator; nothing changed.
    /// </summary>
    Conflict = 3,

    /// <summary>The tube has <see cref="TubeState.MaxResults"/> results already.</summary>
    TooMany = 4,

    /// <summary>A correction names a sequence that is not lower than its own.</summary>
    CorrectionInvalid = 5,

    /// <summary>
    /// The test is older than a sample of the tube, by more than <see cref="TubeRules.MaxClockSkew"/>.
    /// </summary>
    TestedBeforeCollected = 6,

    /// <summary>The tube has no sample, and the test is older than <see cref="SamplingOptions.MaxAge"/>.</summary>
    TooOld = 7,

    /// <summary>The laboratory has reached its limit of held results.</summary>
    HeldTooMany = 8,
}

/// <summary>The answer to a report.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="ReceiptId">The receipt; that of the first report for a replay or a conflict.</param>
/// <param name="Applied">True when every member has the result; false while the tube is not registered.</param>
[GenerateSerializer, Immutable]
public readonly record struct ResultReceipt(
    [property: Id(0)] ResultStatus Status,
    [property: Id(1)] Guid ReceiptId,
    [property: Id(2)] bool Applied
);
