using Microsoft.Extensions.Options;

namespace Grid.Sampling;

/// <inheritdoc cref="IHeldTubesGrain"/>
[GrainType("held-tubes")]
public sealed class HeldTubesGrain(
    [PersistentState("held-tubes", "grid")] IPersistentState<HeldTubesState> state,
    TimeProvider time,
    IOptions<SamplingOptions> options
) : DurableGrain<HeldTubesState>(state), IHeldTubesGrain
{
    /// <inheritdoc/>
    public async Task<bool> TryHold(ulong tube)
    {
        if (Array.Exists(State.Tubes, each => each.Tube == tube))
            return true;
        var now = time.GetUtcNow();
        // A tube refuses a sample of this age, so the tube of an entry this old will not arrive.
        var oldest = (now - options.Value.MaxAge).ToUnixTimeMilliseconds();
        var live = Array.FindAll(State.Tubes, each => each.SinceUnixMs >= oldest);
        if (live.Length >= options.Value.MaxHeldTubesPerLaboratory / HeldShards.Count)
            return false;
        await CommitAsync(new HeldTubesState { Tubes = [.. live, new HeldTube(tube, now.ToUnixTimeMilliseconds())] });
        return true;
    }

    /// <inheritdoc/>
    public async Task Release(ulong tube)
    {
        if (Array.Exists(State.Tubes, each => each.Tube == tube))
        {
            var left = Array.FindAll(State.Tubes, each => each.Tube != tube);
            await CommitAsync(new HeldTubesState { Tubes = left });
        }
    }
}
