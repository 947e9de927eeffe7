namespace Grid;

/// <summary>Finds the grains whose stored state says that work is left (<see cref="IPendingWork"/>).</summary>
public interface IPendingScan
{
    /// <summary>Every such grain in the partitions that this process owns, as committed when it is met.</summary>
    IAsyncEnumerable<GrainId> PendingAsync(CancellationToken cancellation = default);
}
