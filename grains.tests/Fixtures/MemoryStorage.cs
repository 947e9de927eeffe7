using System.Collections.Concurrent;
using System.Globalization;
using Grid.Silo.Stores;

namespace Grid.Tests.Fixtures;

/// <summary>A store for tests of the engine alone: records as bytes, with versions. Stores that last are tested where they live.</summary>
public sealed class MemoryStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string State, GrainId Grain), (byte[] Bytes, long Version)> _records = [];
    private int _reads;

    /// <summary>How many records were asked for.</summary>
    public int Reads => _reads;

    /// <summary>What each operation waits for first.</summary>
    public Func<Task> Before { get; set; } = static () => Task.CompletedTask;

    /// <summary>Changes a record behind its grain's back.</summary>
    public void Put<T>(string stateName, GrainId grainId, T state, long version) =>
        _records[(stateName, grainId)] = (StateBytes.Encode(state), version);

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Before();
        Interlocked.Increment(ref _reads);
        if (_records.TryGetValue((stateName, grainId), out var record))
        {
            grainState.State = StateBytes.Decode<T>(record.Bytes);
            grainState.ETag = record.Version.ToString(CultureInfo.InvariantCulture);
            grainState.RecordExists = true;
        }
        else
        {
            grainState.ETag = null;
            grainState.RecordExists = false;
        }
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = StateBytes.Encode(grainState.State);
        await Before();
        var version = Check(stateName, grainId, grainState.ETag) + 1;
        _records[(stateName, grainId)] = (bytes, version);
        grainState.ETag = version.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Before();
        Check(stateName, grainId, grainState.ETag);
        _records.TryRemove((stateName, grainId), out _);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private long Check(string stateName, GrainId grainId, string? etag)
    {
        var stored = _records.TryGetValue((stateName, grainId), out var record) ? record.Version : 0;
        var known = etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);
        return stored == known
            ? stored
            : throw new InconsistentStateException("Another version is stored.", $"{stored}", etag);
    }
}
