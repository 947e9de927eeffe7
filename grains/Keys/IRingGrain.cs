namespace Grid.Keys;

/// <summary>Says which ring the silos have. One grain (key 0), asked by each gateway when it starts.</summary>
public interface IRingGrain : IGrainWithIntegerKey
{
    /// <summary>See <see cref="KeyMarks.OfGrid"/>.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<string> Mark();
}

/// <inheritdoc cref="IRingGrain"/>
[GrainType("ring")]
public sealed class RingGrain(KeyRing ring) : Grain, IRingGrain
{
    /// <inheritdoc/>
    public ValueTask<string> Mark() => new(KeyMarks.OfGrid(ring));
}
