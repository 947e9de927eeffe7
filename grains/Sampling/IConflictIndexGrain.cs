namespace Grid.Sampling;

/// <summary>
/// One shard of the index of open conflicts, so that operators find them without a scan of all tubes. The tube keeps
/// the conflict; the index only says which tube.
/// </summary>
public interface IConflictIndexGrain : IGrainWithStringKey
{
    /// <summary>Adds an entry; false when the shard is full. A repeat changes nothing.</summary>
    Task<bool> Add(ConflictEntry entry);

    /// <summary>Removes an entry, if the shard has it.</summary>
    Task Remove(Guid conflictId);

    /// <summary>The entries. The grain shares this array: never change it.</summary>
    [ReadOnly]
    ValueTask<ConflictEntry[]> Entries();
}
