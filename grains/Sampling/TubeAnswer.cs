namespace Grid.Sampling;

/// <summary>The outcome of a command to a tube.</summary>
public enum TubeStatus : byte
{
    /// <summary>The command changed the tube.</summary>
    Done = 1,

    /// <summary>The same command was done before; nothing changed.</summary>
    Replayed = 2,

    /// <summary>No tube of this id is registered.</summary>
    Unknown = 3,

    /// <summary>The tube is registered with another capacity or site.</summary>
    Conflict = 4,

    /// <summary>The tube has all the samples, or all the withdrawn samples, that it can have.</summary>
    Full = 5,

    /// <summary>The tube is sealed.</summary>
    Sealed = 6,

    /// <summary>The resident has a sample in the tube.</summary>
    AlreadyInTube = 7,

    /// <summary>No resident is registered under this key.</summary>
    ResidentUnknown = 8,

    /// <summary>The resident has no sample in the tube.</summary>
    NotInTube = 9,

    /// <summary>The tube has a result, and the sample was taken after the test.</summary>
    CollectedAfterResult = 10,

    /// <summary>The tube belongs to another site.</summary>
    OtherSite = 11,

    /// <summary>The sample is older than <see cref="SamplingOptions.MaxAge"/>.</summary>
    TooOld = 12,

    /// <summary>The idempotency key was used for another sample of the tube.</summary>
    KeyConflict = 13,
}

/// <summary>The answer to a command.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Count">Samples in the tube now.</param>
/// <param name="Capacity">Samples that it can hold.</param>
[GenerateSerializer, Immutable]
public readonly record struct TubeAnswer(
    [property: Id(0)] TubeStatus Status,
    [property: Id(1)] int Count,
    [property: Id(2)] int Capacity
);
