using Grid.Results;

namespace Grid.Codes;

/// <summary>The state of a resident's newest test.</summary>
public enum TestState : byte
{
    /// <summary>The resident was never sampled.</summary>
    None = 0,

    /// <summary>A sample waits for its result.</summary>
    Sampled = 1,

    /// <summary>The newest sample has a result.</summary>
    Resulted = 2,

    /// <summary>A sample has waited longer than <see cref="CodeOptions.OverdueAfter"/>.</summary>
    Overdue = 3,
}

/// <summary>The newest test with a result, and whether a newer sample waits.</summary>
/// <param name="State">The state of the newest sample.</param>
/// <param name="Result">The newest result; null when there is none yet.</param>
/// <param name="CollectedAt">
/// When the sample of that result was taken; without a result, when the waiting sample was taken.
/// </param>
/// <param name="SampledAt">When the waiting sample was taken; null when none waits.</param>
[GenerateSerializer, Alias("grid.test-view"), Immutable]
public readonly record struct TestView(
    [property: Id(0)] TestState State,
    [property: Id(1)] TestResult? Result,
    [property: Id(2)] DateTimeOffset? CollectedAt,
    [property: Id(3)] DateTimeOffset? SampledAt
)
{
    /// <summary>Whole hours since <see cref="CollectedAt"/>; null without a sample.</summary>
    public int? AgeHours(DateTimeOffset now) =>
        CollectedAt is { } at ? Math.Max(0, (int)Math.Floor((now - at).TotalHours)) : null;
}
