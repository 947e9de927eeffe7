namespace Grid;

/// <summary>
/// A grain whose state is written before a call is answered. When a write fails, what is in memory goes back to what
/// it was and the activation is given up, so that the next call reads what the store really holds.
/// </summary>
public abstract class DurableGrain<TState>(IPersistentState<TState> state) : Grain
{
    /// <summary>The state as last committed.</summary>
    protected TState State => state.State;

    /// <summary>Writes <paramref name="next"/>; returns once it is durable.</summary>
    protected async Task Commit(TState next)
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
