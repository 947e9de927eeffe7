using Grid.Codec;
using Grid.Engine.Cluster;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;

namespace Grid.Silo.Cluster;

/// <summary>
/// The units of a cluster whose state is in PostgreSQL: runs of 16 partitions. An epoch is a row of the database, compared in
/// the transaction of every commit.
/// </summary>
internal sealed class PostgresUnits : IUnitStore
{
    private readonly PostgresStore _store;
    private readonly PartitionEpochs _epochs;

    internal PostgresUnits(PostgresStore store, PartitionEpochs epochs)
    {
        (_store, _epochs) = (store, epochs);
        epochs.Fenced += partition => Fenced?.Invoke(PartitionMap.UnitOf(partition, Units));
    }

    /// <inheritdoc/>
    public event Action<int>? Fenced;

    /// <inheritdoc/>
    public int Units => Partitions.Count / PostgresStore.PartitionsPerStripe;

    /// <inheritdoc/>
    public async Task OpenAsync(int unit, long epoch, CancellationToken cancellation)
    {
        var (first, count) = PartitionsOf(unit);
        int[] partitions = [.. Enumerable.Range(first, count)];
        try
        {
            await _store.ClaimAsync(partitions, epoch, cancellation);
        }
        catch (StoreException fault) when (fault.Code == StoreFaults.Fenced)
        {
            throw new EpochFencedException(await _store.NewestEpochAsync(partitions, cancellation), epoch);
        }

        _epochs.Open(first, count, epoch);
    }

    /// <inheritdoc/>
    public async Task CloseAsync(int unit)
    {
        var (first, count) = PartitionsOf(unit);
        _epochs.Refuse(first, count);
        try
        {
            await _store.DrainAsync(first, count);
        }
        catch (StoreException)
        {
            // The database does not answer: whatever is under way there is before the next owner's claim, or is fenced by it.
        }
        finally
        {
            _epochs.Close(first, count);
        }
    }

    private (int First, int Count) PartitionsOf(int unit)
    {
        var first = PartitionMap.FirstPartitionOf(unit, Units);
        return (first, PartitionMap.FirstPartitionOf(unit + 1, Units) - first);
    }
}
