namespace Grid.Silo.Cluster;

/// <summary>The times of the ownership.</summary>
internal sealed class OwnershipOptions
{
    /// <summary>
    /// How long the partitions of a dead silo stay unassigned: longer than its gate stays open. Zero where no other
    /// silo can exist.
    /// </summary>
    public TimeSpan Hold { get; set; }

    /// <summary>Time limit of the handover when a silo stops.</summary>
    public TimeSpan HandoverTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
