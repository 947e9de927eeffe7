namespace Grid.Silo.Cluster;

/// <summary>Says which partitions a silo takes.</summary>
internal interface IPartitionsTaken
{
    /// <summary>Called with the partitions that this silo has taken, at its start and later.</summary>
    event Action<int[]>? Taken;
}
