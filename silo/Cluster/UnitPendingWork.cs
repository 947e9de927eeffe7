using Grid.Engine.Cluster;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;

namespace Grid.Silo.Cluster;

/// <summary>Finishes what the owner before has left undone in a unit that the silo has taken over.</summary>
internal sealed class UnitPendingWork(PendingWork pending) : IUnitTenant
{
    private readonly UnitTurns _turns = new();

    /// <inheritdoc/>
    public Task RunAsync(int unit, int firstPartition, int partitions, CancellationToken owned) =>
        _turns.RunAsync(() => pending.FinishAsync(owned, grain => Holds(grain, firstPartition, partitions)), owned);

    private static bool Holds(GrainId grain, int firstPartition, int partitions)
    {
        var partition = StateKey.Of(grain).Partition;
        return partition >= firstPartition && partition < firstPartition + partitions;
    }
}
