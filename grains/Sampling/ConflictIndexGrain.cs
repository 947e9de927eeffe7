namespace Grid.Sampling;

/// <inheritdoc cref="IConflictIndexGrain"/>
[GrainType("conflict-index")]
public sealed class ConflictIndexGrain(
    [PersistentState("conflict-index", "grid")] IPersistentState<ConflictIndexState> state
) : DurableGrain<ConflictIndexState>(state), IConflictIndexGrain
{
    /// <inheritdoc/>
    public async Task<bool> Add(ConflictEntry entry)
    {
        if (Array.Exists(State.Entries, each => each.ConflictId == entry.ConflictId))
            return true;
        if (State.Entries.Length >= ConflictShards.MaxEntries)
            return false;
        await CommitAsync(new ConflictIndexState { Entries = [.. State.Entries, entry] });
        return true;
    }

    /// <inheritdoc/>
    public async Task Remove(Guid conflictId)
    {
        var left = Array.FindAll(State.Entries, each => each.ConflictId != conflictId);
        if (left.Length != State.Entries.Length)
            await CommitAsync(new ConflictIndexState { Entries = left });
    }

    /// <inheritdoc/>
    public ValueTask<ConflictEntry[]> Entries() => new(State.Entries);
}
