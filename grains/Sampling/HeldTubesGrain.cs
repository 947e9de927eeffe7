using Microsoft.Extensions.Options;

namespace Grid.Sampling;

/// <summary>What the store keeps of a share of a laboratory's account.</summary>
[GenerateSerializer, Alias("grid.held-tubes-state")]
public sealed class HeldTubesState
{
    /// <summary>The tubes, the oldest first.</summary>
    [Id(0)] public HeldTube[] Tubes { get; set; } = [];
}

/// <summary>A tube on the account.</summary>
/// <param name="Tube">Digest of its id.</param>
/// <param name="SinceUnixMs">Since when, in milliseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("grid.held-tube")]
public readonly record struct HeldTube(
    [property: Id(0)] ulong Tube,
    [property: Id(1)] long SinceUnixMs);

/// <inheritdoc cref="IHeldTubesGrain"/>
[GrainType("held-tubes")]
public sealed class HeldTubesGrain(
    [PersistentState("held-tubes", "grid")] IPersistentState<HeldTubesState> state,
    TimeProvider time,
    IOptions<SamplingOptions> options) : DurableGrain<HeldTubesState>(state), IHeldTubesGrain
{
    /// <inheritdoc/>
    public async Task<bool> TryHold(ulong tube)
    {
        if (Array.Exists(State.Tubes, each => each.Tube == tube))
            return true;
        var now = time.GetUtcNow();
        // A sample that old would not be taken any more, so its tube won't come.
        var oldest = (now - options.Value.MaxAge).ToUnixTimeMilliseconds();
        var live = Array.FindAll(State.Tubes, each => each.SinceUnixMs >= oldest);
        if (live.Length >= options.Value.MaxHeldTubesPerLaboratory / HeldShards.Count)
            return false;
        await Commit(new HeldTubesState { Tubes = [.. live, new HeldTube(tube, now.ToUnixTimeMilliseconds())] });
        return true;
    }

    /// <inheritdoc/>
    public async Task Release(ulong tube)
    {
        if (Array.Exists(State.Tubes, each => each.Tube == tube))
            await Commit(new HeldTubesState { Tubes = Array.FindAll(State.Tubes, each => each.Tube != tube) });
    }
}
