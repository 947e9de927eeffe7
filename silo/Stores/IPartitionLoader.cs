namespace Grid.Silo.Stores;

/// <summary>Takes a stored state; called by one thread at a time, others have sinks of their own.</summary>
/// <param name="grainId">Whose.</param>
/// <param name="state">The state; the taker owns it.</param>
/// <param name="version">The stored version; its decimal form is the ETag.</param>
public delegate void StateSink<in T>(GrainId grainId, T state, long version);

/// <summary>Reads all states of a kind in bulk.</summary>
public interface IPartitionLoader
{
    /// <summary>Reads the states of a range of partitions, as committed when each is met.</summary>
    /// <typeparam name="T">The state.</typeparam>
    /// <param name="grainType">The type of the grains.</param>
    /// <param name="stateName">The name of the state.</param>
    /// <param name="firstPartition">The first partition.</param>
    /// <param name="partitions">How many partitions.</param>
    /// <param name="begin">Called before each part is read, by several threads at once; what it gives takes the states of that part.</param>
    /// <param name="cancellation">Ends the loading.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="StoreException">A partition is not owned, the store does not answer, or a row can't be read.</exception>
    Task<long> LoadAsync<T>(
        string grainType,
        string stateName,
        int firstPartition,
        int partitions,
        Func<StateSink<T>> begin,
        CancellationToken cancellation = default);
}
