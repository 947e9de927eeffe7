namespace Grid.Sampling;

/// <summary>Maps a conflict's id to its shard of the index.</summary>
public static class ConflictShards
{
    /// <summary>The number of shards.</summary>
    public const int Count = 64;

    /// <summary>Maximum entries of one shard: 16,384 open conflicts in all.</summary>
    public const int MaxEntries = 256;

    /// <summary>The keys of all shards.</summary>
    public static IEnumerable<string> Keys => Enumerable.Range(0, Count).Select(KeyOf);

    /// <summary>The key of the shard of a conflict.</summary>
    public static string KeyOf(Guid conflictId) => KeyOf(Partitions.Of(conflictId) % Count);

    private static string KeyOf(int shard) => $"conflicts-{shard:00}";
}
