namespace Grid.Sampling;

/// <summary>
/// A share of the open conflicts, so that operators find them without a walk over all tubes. The tube keeps the
/// conflict itself; here is only where it is.
/// </summary>
public interface IConflictIndexGrain : IGrainWithStringKey
{
    /// <summary>Puts an entry in; false when the share is full. The same entry again changes nothing.</summary>
    Task<bool> Add(ConflictEntry entry);

    /// <summary>Takes an entry out; nothing happens when it is not there.</summary>
    Task Remove(Guid conflictId);

    /// <summary>The entries. Shared with the grain: never change them.</summary>
    [ReadOnly]
    ValueTask<ConflictEntry[]> Entries();
}

/// <summary>Where a conflict is.</summary>
/// <param name="ConflictId">The conflict.</param>
/// <param name="TubeId">The tube that has it.</param>
/// <param name="OpenedAt">Since when.</param>
[GenerateSerializer, Immutable, Alias("grid.conflict-entry")]
public sealed record ConflictEntry(
    [property: Id(0)] Guid ConflictId,
    [property: Id(1)] string TubeId,
    [property: Id(2)] DateTimeOffset OpenedAt);

/// <summary>How open conflicts are cut: a conflict's id says which share it is in.</summary>
public static class ConflictShards
{
    /// <summary>Shares.</summary>
    public const int Count = 64;

    /// <summary>Most entries of a share: 16,384 open conflicts in all.</summary>
    public const int EntriesMax = 256;

    /// <summary>The keys of all shares.</summary>
    public static IEnumerable<string> Keys => Enumerable.Range(0, Count).Select(KeyOf);

    /// <summary>The key of a conflict's share.</summary>
    public static string KeyOf(Guid conflictId) => KeyOf(Partitions.Of(conflictId) % Count);

    private static string KeyOf(int shard) => $"conflicts-{shard:00}";
}
