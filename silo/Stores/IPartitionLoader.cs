namespace Grid.Silo.Stores;

/// <summary>Receives stored states. Each sink is called by one thread at a time.</summary>
/// <param name="grainId">Whose.</param>
/// <param name="state">The state; the receiver owns it.</param>
/// <param name="version">The stored version; its decimal form is the ETag.</param>
public delegate void StateSink<in T>(GrainId grainId, T state, long version);

/// <summary>Receives stored rows. Each sink is called by one thread at a time.</summary>
/// <param name="grainId">Whose.</param>
/// <param name="state">The bytes of the state, valid only until the call returns.</param>
/// <param name="version">The stored version; its decimal form is the ETag.</param>
public delegate void RowSink(GrainId grainId, ReadOnlySpan<byte> state, long version);

/// <summary>Reads all states of a kind in bulk.</summary>
public interface IPartitionLoader
{
    /// <summary>Reads the rows of a range of partitions, each as committed when it is reached.</summary>
    /// <param name="grainType">The type of the grains.</param>
    /// <param name="stateName">The name of the state.</param>
    /// <param name="firstPartition">The first partition.</param>
    /// <param name="partitions">How many partitions.</param>
    /// <param name="begin">
    /// Called before each part is read, by several threads at once; the sink that it returns receives that part.
    /// </param>
    /// <param name="cancellation">Ends the loading.</param>
    /// <returns>The number of rows read.</returns>
    /// <exception cref="StoreException">
    /// A partition is not owned, the store does not answer, or a row can't be read.
    /// </exception>
    Task<long> LoadAsync(
        string grainType,
        string stateName,
        int firstPartition,
        int partitions,
        Func<RowSink> begin,
        CancellationToken cancellation = default
    );

    /// <summary>Like the other overload, with decoded states.</summary>
    /// <typeparam name="T">The type of the state.</typeparam>
    /// <exception cref="StoreException">As in the other overload, or a state can't be decoded.</exception>
    Task<long> LoadAsync<T>(
        string grainType,
        string stateName,
        int firstPartition,
        int partitions,
        Func<StateSink<T>> begin,
        CancellationToken cancellation = default
    )
    {
        var table = TableNames.OfState(grainType, stateName);
        return LoadAsync(grainType, stateName, firstPartition, partitions, Decoding, cancellation);

        RowSink Decoding()
        {
            var sink = begin();
            return (grain, state, version) => sink(grain, GridGrainStorage.Decode<T>(table, grain, state), version);
        }
    }
}
