using Grid.Results;

namespace Grid.Sampling;

/// <summary>The cause that a tube asks for.</summary>
public enum StandingCause : byte
{
    /// <summary>No cause.</summary>
    None = 0,

    /// <summary>Yellow until the single retest: the pool is positive.</summary>
    Hold = 1,

    /// <summary>Red: the single sample is positive.</summary>
    Positive = 2,
}

/// <summary>
/// A resident's standing in one tube: the full state at one revision, not a change. So repeats and late deliveries are
/// harmless.
/// </summary>
/// <param name="TubeId">The tube.</param>
/// <param name="Revision">Rises with every change of the tube's members or results.</param>
/// <param name="CollectedAt">When the sample was taken.</param>
/// <param name="Withdrawn">True when the sample is no longer in the tube.</param>
/// <param name="Result">The result in force; null while the sample waits.</param>
/// <param name="TestedAt">When that result was tested.</param>
/// <param name="Sequence">The sequence of that result; 0 while the sample waits.</param>
/// <param name="Cause">The cause that the tube asks for.</param>
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
    [property: Id(10)] string? Issuer
);
