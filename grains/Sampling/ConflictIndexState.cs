namespace Grid.Sampling;

/// <summary>The stored entries of one shard.</summary>
[GenerateSerializer, Alias("grid.conflict-index-state")]
public sealed class ConflictIndexState
{
    /// <summary>At most <see cref="ConflictShards.MaxEntries"/> entries.</summary>
    [Id(0)]
    public ConflictEntry[] Entries { get; set; } = [];
}
