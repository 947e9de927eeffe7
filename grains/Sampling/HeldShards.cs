namespace Grid.Sampling;

/// <summary>Maps a laboratory's held tubes to shards.</summary>
public static class HeldShards
{
    /// <summary>The number of shards of one laboratory.</summary>
    public const int Count = 256;

    /// <summary>The key of the shard of a tube.</summary>
    public static string KeyOf(string laboratory, ulong tube) => $"{laboratory}/{tube % Count:000}";
}
