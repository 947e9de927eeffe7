namespace Grid.Engine;

/// <summary>
/// A store of grain states. Registered as a keyed service under the name that <see cref="PersistentStateAttribute"/> gives;
/// the unkeyed one is the default.
/// </summary>
public interface IGrainStorage
{
    /// <summary>Fills <paramref name="grainState"/>; leaves its state as it is, with no ETag, when nothing is stored.</summary>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <inheritdoc cref="ReadStateAsync{T}(string, GrainId, IGrainState{T})"/>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
        => ReadStateAsync(stateName, grainId, grainState);

    /// <summary>Stores the state if the stored version is still <see cref="IGrainState{T}.ETag"/>, and sets the new one.</summary>
    /// <exception cref="InconsistentStateException">The stored version is another.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <inheritdoc cref="WriteStateAsync{T}(string, GrainId, IGrainState{T})"/>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
        => WriteStateAsync(stateName, grainId, grainState);

    /// <summary>Removes the record if the stored version is still <see cref="IGrainState{T}.ETag"/>.</summary>
    /// <exception cref="InconsistentStateException">The stored version is another.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <inheritdoc cref="ClearStateAsync{T}(string, GrainId, IGrainState{T})"/>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
        => ClearStateAsync(stateName, grainId, grainState);
}

/// <summary>What a store reads and writes.</summary>
public interface IGrainState<T>
{
    /// <summary>The state.</summary>
    T? State { get; set; }

    /// <summary>The version of the stored record, in the store's own words.</summary>
    string? ETag { get; set; }

    /// <summary>Whether the record is stored.</summary>
    bool RecordExists { get; set; }
}

/// <summary>A plain <see cref="IGrainState{T}"/>, for tools and tests that talk to a store without a grain.</summary>
public sealed class GrainState<T> : IGrainState<T>
{
    /// <summary>Nothing stored yet.</summary>
    public GrainState()
    {
    }

    /// <summary>A state that was never stored.</summary>
    public GrainState(T? state) => State = state;

    /// <summary>A state and its stored version.</summary>
    public GrainState(T? state, string? eTag)
    {
        State = state;
        ETag = eTag;
    }

    /// <inheritdoc/>
    public T? State { get; set; }

    /// <inheritdoc/>
    public string? ETag { get; set; }

    /// <inheritdoc/>
    public bool RecordExists { get; set; }
}

/// <summary>
/// The root of what an engine and its stores throw. A store's exception of this kind reaches the grain as it is; any other
/// is the inner exception of one.
/// </summary>
public class OrleansException : Exception
{
    /// <summary>Says nothing.</summary>
    public OrleansException()
    {
    }

    /// <summary>Says what happened.</summary>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>Says what happened, and what lies under it.</summary>
    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A write met another version of the record than the grain had read.</summary>
public class InconsistentStateException : OrleansException
{
    /// <summary>No versions known.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>No versions known.</summary>
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>No versions known.</summary>
    public InconsistentStateException(string message, Exception? innerException)
        : base(message, innerException!)
    {
    }

    /// <summary>The version in the store and the one that the grain had.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : base(errorMsg, storageException!)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>The version in the store and the one that the grain had.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : this(errorMsg, storedEtag, currentEtag, null)
    {
    }

    /// <summary>The version that the store has.</summary>
    public string? StoredEtag { get; private set; }

    /// <summary>The version that the grain had.</summary>
    public string? CurrentEtag { get; private set; }

    /// <summary>True until the activation that wrote has been dropped for it: a caller further up is innocent.</summary>
    internal bool IsSourceActivation { get; set; } = true;
}
