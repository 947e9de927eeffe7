namespace Grid.Silo.Stores;

/// <summary>The store behind <see cref="GridGrainStorage"/>.</summary>
internal interface IStateStore
{
    /// <summary>The lane that writes a partition.</summary>
    /// <exception cref="StoreException">This process does not own the partition.</exception>
    GroupLane<WriteWork> LaneOf(int partition);

    /// <summary>Fills the target with the committed state; leaves its state unchanged if there is no record.</summary>
    /// <param name="table">The table of the kind of state.</param>
    /// <param name="key">The key of the grain.</param>
    /// <param name="target">The state to fill.</param>
    Task ReadAsync<T>(string table, in StateKey key, IGrainState<T> target);

    /// <inheritdoc cref="IPendingScan.PendingAsync"/>
    IAsyncEnumerable<GrainId> PendingAsync(CancellationToken cancellation = default);
}
