namespace Grid.Silo.Cluster;

/// <summary>Reports the partitions that this silo takes.</summary>
internal interface IPartitionsTaken
{
    /// <summary>Raised with the partitions that this silo has taken, at its start and later.</summary>
    event Action<int[]>? Taken;
}
