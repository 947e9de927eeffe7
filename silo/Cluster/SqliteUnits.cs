using Grid.Engine.Cluster;
using Grid.Silo.Stores;

namespace Grid.Silo.Cluster;

/// <summary>The files of the data folder as units of a cluster: what one silo owns is a file.</summary>
public sealed class SqliteUnits : IUnitStore
{
    private readonly SqliteStore _store;

    /// <param name="store">The store, with no file open yet.</param>
    public SqliteUnits(SqliteStore store)
    {
        _store = store;
        store.Fenced += number => Fenced?.Invoke(number);
    }

    /// <inheritdoc/>
    public event Action<int>? Fenced;

    /// <inheritdoc/>
    public int Units => _store.Files;

    /// <inheritdoc/>
    public Task OpenAsync(int unit, long epoch, CancellationToken cancellation) =>
        // On the pool: opening waits for the disk, and its caller for nothing.
        Task.Run(() => Open(unit, epoch), cancellation);

    /// <inheritdoc/>
    public Task CloseAsync(int unit) => Task.Run(() => _store.CloseFile(unit));

    private void Open(int unit, long epoch)
    {
        try
        {
            _store.OpenFile(unit, epoch);
        }
        catch (StoreException fault) when (fault.Code == StoreFaults.Fenced)
        {
            throw new EpochFencedException(_store.EpochOf(unit), epoch);
        }
    }
}
