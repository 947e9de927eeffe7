namespace Grid.Keys;

/// <summary>
/// Tells which key ring the silos have. One grain (key 0) suffices: each gateway asks once when it starts.
/// </summary>
public interface IRingGrain : IGrainWithIntegerKey
{
    /// <summary>See <see cref="KeyMarks.OfGrid"/>.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<string> Mark();
}
