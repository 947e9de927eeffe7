namespace Grid;

/// <summary>
/// A grain that writes its state before it answers. When a write fails, it restores the committed state in memory and
/// deactivates, so that the next call reads the stored state.
/// </summary>
public abstract class DurableGrain<TState>(IPersistentState<TState> state) : Grain
{
    /// <summary>The state as last committed.</summary>
    protected TState State => state.State;

    /// <summary>Writes <paramref name="next"/>; completes when it is durable.</summary>
    protected async Task CommitAsync(TState next)
    {
        var committed = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = committed;
            DeactivateOnIdle();
            throw;
        }
    }
}
