using Grid.Results;

namespace Grid.Sampling;

/// <summary>The stage of a tube.</summary>
public enum TubePhase : byte
{
    /// <summary>The tube is not registered; results may be held for it.</summary>
    Unknown = 0,

    /// <summary>Sites can add samples.</summary>
    Open = 1,

    /// <summary>The tube waits for its result.</summary>
    Sealed = 2,

    /// <summary>The tube has a result.</summary>
    Resulted = 3,

    /// <summary>A correction is in force.</summary>
    Corrected = 4,
}

/// <summary>A tube as sites and laboratories see it: no members.</summary>
/// <param name="Phase">The stage.</param>
/// <param name="Count">Samples in the tube.</param>
/// <param name="Capacity">Samples that it can hold.</param>
/// <param name="SiteId">The site; null while the tube is not registered.</param>
/// <param name="Result">The result in force; null without one.</param>
/// <param name="TestedAt">When that result was tested.</param>
/// <param name="Held">How many results are held until the tube is registered.</param>
/// <param name="Conflicts">How many conflicts wait for an operator.</param>
[GenerateSerializer, Immutable]
public sealed record TubeView(
    [property: Id(0)] TubePhase Phase,
    [property: Id(1)] int Count,
    [property: Id(2)] int Capacity,
    [property: Id(3)] string? SiteId,
    [property: Id(4)] TestResult? Result,
    [property: Id(5)] DateTimeOffset? TestedAt,
    [property: Id(6)] int Held,
    [property: Id(7)] int Conflicts
);
