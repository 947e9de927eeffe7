namespace Grid.Engine.Hosting;

/// <summary>Makes activations from records that were read in bulk, so that a first call needs no store.</summary>
public interface IGrainPreloader
{
    /// <summary>
    /// The present moment, to be taken before records are read: an activation that leaves memory later may have written a
    /// newer one. Who loses the ownership of a partition ends its loading of it.
    /// </summary>
    long Mark();

    /// <summary>
    /// Activates the grain with this state, unless it is active already. Its other states, if it has any, are read from
    /// their stores as usual.
    /// </summary>
    /// <param name="grainId">The grain.</param>
    /// <param name="stateName">The name in <see cref="PersistentStateAttribute"/>.</param>
    /// <param name="state">The state; the grain owns it from now on.</param>
    /// <param name="version">The stored version; its decimal form is the ETag.</param>
    /// <param name="mark">What <see cref="Mark"/> said before the record was read.</param>
    /// <returns>
    /// False when the grain was active already, or when a grain of its partition has left memory since the mark: the record
    /// may then be older than the stored one. The grain is read from its store when it is called.
    /// </returns>
    bool Preload<TState>(GrainId grainId, string stateName, TState state, long version, long mark);
}
