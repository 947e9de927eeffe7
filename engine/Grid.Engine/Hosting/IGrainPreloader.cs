namespace Grid.Engine.Hosting;

/// <summary>Makes activations from records that were read in bulk, so that a first call needs no store.</summary>
public interface IGrainPreloader
{
    /// <summary>
    /// Activates the grain with this state, unless it is active already. Its other states, if it has any, are read from
    /// their stores as usual.
    /// </summary>
    /// <param name="grainId">The grain.</param>
    /// <param name="stateName">The name in <see cref="PersistentStateAttribute"/>.</param>
    /// <param name="state">The state; the grain owns it from now on.</param>
    /// <param name="version">The stored version; its decimal form is the ETag.</param>
    /// <returns>False when the grain was active already; its state is then newer or the same.</returns>
    bool Preload<TState>(GrainId grainId, string stateName, TState state, long version);
}
