using Grid.Results;

namespace Grid.Codes;

/// <summary>Where a resident's newest test stands.</summary>
public enum TestState : byte
{
    /// <summary>Never sampled.</summary>
    None = 0,

    /// <summary>A sample waits for its result.</summary>
    Sampled = 1,

    /// <summary>The newest sample has a result.</summary>
    Resulted = 2,

    /// <summary>A sample has waited longer than <see cref="CodeOptions.OverdueAfter"/>.</summary>
    Overdue = 3,
}

/// <summary>
/// The newest test with a result, and whether a newer sample is on its way.
/// </summary>
/// <param name="State">Where the newest sample stands.</param>
/// <param name="Result">The newest result; null when there is none yet.</param>
/// <param name="CollectedAt">When the sample of that result was taken; without a result, when the waiting one was.</param>
/// <param name="SampledAt">When the waiting sample was taken; null when none waits.</param>
[GenerateSerializer, Alias("grid.test-view"), Immutable]
public readonly record struct TestView(
    [property: Id(0)] TestState State,
    [property: Id(1)] TestResult? Result,
    [property: Id(2)] DateTimeOffset? CollectedAt,
    [property: Id(3)] DateTimeOffset? SampledAt)
{
    /// <summary>Whole hours since the sample was taken; null without one.</summary>
    public int? AgeHours(DateTimeOffset now) =>
        CollectedAt is { } at ? Math.Max(0, (int)Math.Floor((now - at).TotalHours)) : null;
}

/// <summary>What is known of a resident's vaccination.</summary>
/// <param name="Doses">The highest dose number recorded.</param>
/// <param name="LastAt">When the newest dose was given; null without one.</param>
[GenerateSerializer, Immutable]
public readonly record struct VaccinationView(
    [property: Id(0)] int Doses,
    [property: Id(1)] DateTimeOffset? LastAt);

/// <summary>What a display or a scan shows of a resident at one moment.</summary>
[GenerateSerializer, Immutable]
public readonly record struct CodeView
{
    /// <summary>False when nobody is registered under this key; every other member is then empty.</summary>
    [Id(0)] public bool Registered { get; init; }

    /// <summary>The name with all but its first character masked, such as 张*.</summary>
    [Id(1)] public string Name { get; init; }

    /// <summary>The worst of the active causes.</summary>
    [Id(2)] public CodeColour Colour { get; init; }

    /// <summary>The moment that the view speaks of.</summary>
    [Id(3)] public DateTimeOffset AsOf { get; init; }

    /// <summary>The next moment at which a cause ends by itself; null when none does.</summary>
    [Id(4)] public DateTimeOffset? ChangesAt { get; init; }

    /// <summary>The newest test.</summary>
    [Id(5)] public TestView Test { get; init; }

    /// <summary>The doses.</summary>
    [Id(6)] public VaccinationView Vaccination { get; init; }

    /// <summary>The active causes, oldest first. Shared with the grain: never change it.</summary>
    [Id(7)] public Cause[] Causes { get; init; }

    /// <summary>Rises with every change of the resident.</summary>
    [Id(8)] public int Version { get; init; }
}
