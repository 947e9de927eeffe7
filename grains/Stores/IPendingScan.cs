namespace Grid;

/// <summary>Finds the grains whose stored state has unfinished work (<see cref="IPendingWork"/>).</summary>
public interface IPendingScan
{
    /// <summary>Lists these grains, as committed when read, in the partitions that this process owns.</summary>
    IAsyncEnumerable<GrainId> PendingAsync(CancellationToken cancellation = default);
}
