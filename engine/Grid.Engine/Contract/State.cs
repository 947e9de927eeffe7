namespace Grid.Engine;

/// <summary>A stored record of a grain.</summary>
public interface IStorage
{
    /// <summary>The version of the record as the store named it; null when it was never stored.</summary>
    string? Etag { get; }

    /// <summary>Whether the store has the record.</summary>
    bool RecordExists { get; }

    /// <summary>Removes the record and resets the state.</summary>
    Task ClearStateAsync();

    /// <summary>Stores the state. Done when it is durable.</summary>
    /// <exception cref="InconsistentStateException">The record has another version; the activation is dropped when the exception leaves the grain.</exception>
    Task WriteStateAsync();

    /// <summary>Reads the record again.</summary>
    Task ReadStateAsync();

    /// <inheritdoc cref="ClearStateAsync()"/>
    Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

    /// <inheritdoc cref="WriteStateAsync()"/>
    Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    /// <inheritdoc cref="ReadStateAsync()"/>
    Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
}

/// <summary>A stored record of a grain, typed.</summary>
public interface IStorage<TState> : IStorage
{
    /// <summary>The state in memory; a new one when nothing is stored.</summary>
    TState State { get; set; }
}

/// <summary>A state that is loaded before the grain's first call. Comes by a constructor parameter with <see cref="PersistentStateAttribute"/>.</summary>
public interface IPersistentState<TState> : IStorage<TState>;

/// <summary>On a constructor parameter of type <see cref="IPersistentState{TState}"/>: which record, in which store.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute : Attribute
{
    /// <param name="stateName">Name of the record, a constant of the data's schema.</param>
    /// <param name="storageName">Name of the <see cref="IGrainStorage"/> service; the default one when null.</param>
    public PersistentStateAttribute(string stateName, string? storageName = null)
    {
        ArgumentNullException.ThrowIfNull(stateName);
        StateName = stateName;
        StorageName = storageName;
    }

    /// <summary>Name of the record.</summary>
    public string StateName { get; }

    /// <summary>Name of the store, or null for the default one.</summary>
    public string? StorageName { get; }
}
