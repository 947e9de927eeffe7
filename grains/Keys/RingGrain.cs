namespace Grid.Keys;

/// <inheritdoc cref="IRingGrain"/>
[GrainType("ring")]
public sealed class RingGrain(KeyRing ring) : Grain, IRingGrain
{
    /// <inheritdoc/>
    public ValueTask<string> Mark() => new(KeyMarks.OfGrid(ring));
}
