namespace Grid.Scans;

/// <summary>Maps scan ids to 64 shards, and each shard to one of the 1,024 partitions.</summary>
public static class VisitShards
{
    /// <summary>Few enough shards for large group commits, enough to spread over silos.</summary>
    public const int Count = 64;

    /// <summary>Maximum visits in one call.</summary>
    public const int MaxBatch = 500;

    private const int PartitionsPerShard = Partitions.Count / Count;

    /// <summary>The partition that owns the scan id's shard.</summary>
    public static int PartitionOf(string scanId) => Partitions.Of(scanId) / PartitionsPerShard * PartitionsPerShard;
}
