namespace Grid.Tests.Fixtures;

/// <summary>The tests that share one grid.</summary>
[CollectionDefinition(Name)]
public sealed class GridCollection : ICollectionFixture<GridFixture>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "grid";
}

/// <summary>
/// The product's grains over a real store in a folder of its own, with a clock that tests move. The other part of this
/// class hosts them, on the engine that this build was made for.
/// </summary>
public sealed partial class GridFixture : IAsyncLifetime
{
    /// <summary>Where the clock begins.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    /// <summary>The clock of the grains.</summary>
    public WallClock Clock { get; } = new(Start);
}
