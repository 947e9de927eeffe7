namespace Grid.Silo.Stores;

/// <summary>Where states lie: what <see cref="GridGrainStorage"/> needs of a kind of store.</summary>
internal interface IStateStore
{
    /// <summary>The lane that writes a partition.</summary>
    /// <exception cref="StoreException">This process does not own the partition.</exception>
    GroupLane<WriteWork> LaneOf(int partition);

    /// <summary>Fills the target with the state as committed; leaves its state alone when there is none.</summary>
    /// <param name="table">The table of the kind of state.</param>
    /// <param name="key">Whose.</param>
    /// <param name="target">What is filled.</param>
    Task ReadAsync<T>(string table, in StateKey key, IGrainState<T> target);

    /// <inheritdoc cref="IPendingScan.PendingAsync"/>
    IAsyncEnumerable<GrainId> PendingAsync(CancellationToken cancellation = default);
}
