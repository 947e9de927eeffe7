namespace Grid.Silo.Cluster;

/// <summary>The times of the ownership.</summary>
internal sealed class OwnershipOptions
{
    /// <summary>
    /// How long the partitions of a silo that was declared dead are left alone: longer than its gate stays open. Nothing where no other
    /// silo can be.
    /// </summary>
    public TimeSpan Hold { get; set; }

    /// <summary>A silo that stops hands over for this long at most.</summary>
    public TimeSpan HandoverTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
