namespace Grid.Sampling;

/// <summary>The stored tubes of one shard.</summary>
[GenerateSerializer, Alias("grid.held-tubes-state")]
public sealed class HeldTubesState
{
    /// <summary>The tubes, oldest first.</summary>
    [Id(0)]
    public HeldTube[] Tubes { get; set; } = [];
}

/// <summary>A tube with held results.</summary>
/// <param name="Tube">Digest of its id.</param>
/// <param name="SinceUnixMs">When its first result arrived, in milliseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("grid.held-tube")]
public readonly record struct HeldTube([property: Id(0)] ulong Tube, [property: Id(1)] long SinceUnixMs);
