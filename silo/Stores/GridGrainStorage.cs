using System.Collections.Concurrent;
using System.Globalization;

namespace Grid.Silo.Stores;

/// <summary>
/// Grain states in the store. A write completes after its commit, which it shares with the other queued rows of the
/// partition's writer; only then does it set the new ETag (the version in decimal). A write that meets another version
/// throws <see cref="InconsistentStateException"/> and does not affect its group.
/// </summary>
/// <remarks>
/// A <see cref="StoreException"/> with <see cref="StoreErrorCodes.Unavailable"/> leaves the outcome unknown: the caller
/// must read before it writes again. With any other code nothing was written.
/// </remarks>
public sealed class GridGrainStorage : IGrainStorage, IPendingScan
{
    /// <summary>The storage name that grains use.</summary>
    public const string Name = "grid";

    private readonly IStateStore _store;
    private readonly ConcurrentDictionary<(GrainType Type, string State), string> _tables = new();

    internal GridGrainStorage(IStateStore store) => _store = store;

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        _store.ReadAsync(TableOf(grainId.Type, stateName), StateKey.Of(grainId), grainState);

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(
        string stateName,
        GrainId grainId,
        IGrainState<T> grainState,
        CancellationToken cancellationToken
    ) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : ReadStateAsync(stateName, grainId, grainState);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Queue(stateName, grainId, grainState, clear: false);

    /// <summary>
    /// Like the overload without a token. The token can only prevent the write from being queued; after that the commit
    /// decides.
    /// </summary>
    public Task WriteStateAsync<T>(
        string stateName,
        GrainId grainId,
        IGrainState<T> grainState,
        CancellationToken cancellationToken
    ) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : Queue(stateName, grainId, grainState, clear: false);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Queue(stateName, grainId, grainState, clear: true);

    /// <inheritdoc cref="WriteStateAsync{T}(string, GrainId, IGrainState{T}, CancellationToken)"/>
    public Task ClearStateAsync<T>(
        string stateName,
        GrainId grainId,
        IGrainState<T> grainState,
        CancellationToken cancellationToken
    ) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : Queue(stateName, grainId, grainState, clear: true);

    /// <inheritdoc/>
    public IAsyncEnumerable<GrainId> PendingAsync(CancellationToken cancellation = default) =>
        _store.PendingAsync(cancellation);

    /// <summary>The table of a kind of state.</summary>
    internal string TableOf(GrainType type, string stateName) =>
        _tables.GetOrAdd((type, stateName), static key => TableNames.OfState(key.Type.ToString()!, key.State));

    private Task Queue<T>(string stateName, GrainId grainId, IGrainState<T> grainState, bool clear)
    {
        var key = StateKey.Of(grainId);
        var known = grainState.ETag is { } etag ? long.Parse(etag, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        var work = new StateWork<T>(TableOf(grainId.Type, stateName), key, grainState, known, clear);
        try
        {
            _store.LaneOf(key.Partition).Enqueue(work);
            return work.Done;
        }
        catch (StoreException exception)
        {
            work.Release();
            return Task.FromException(exception);
        }
    }

    /// <summary>Sets the version that was read; 0 if there is no record.</summary>
    internal static void Tell<T>(IGrainState<T> target, long version)
    {
        target.RecordExists = version > 0;
        target.ETag = version > 0 ? Format(version) : null;
    }

    /// <summary>A version as an ETag.</summary>
    internal static string Format(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Decodes the state of a row.</summary>
    /// <exception cref="StoreException">
    /// The bytes hold no state. The message names the row by kind and partition, because its key may be personal.
    /// </exception>
    internal static T Decode<T>(string table, in StateKey key, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StateBytes.Decode<T>(bytes);
        }
        catch (StoreException exception)
        {
            throw Damaged(table, key.Partition, exception);
        }
    }

    /// <inheritdoc cref="Decode{T}(string, in StateKey, ReadOnlySpan{byte})"/>
    internal static T Decode<T>(string table, GrainId grain, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StateBytes.Decode<T>(bytes);
        }
        catch (StoreException exception)
        {
            throw Damaged(table, StateKey.Of(grain).Partition, exception);
        }
    }

    private static StoreException Damaged(string table, int partition, StoreException cause) =>
        new(
            StoreErrorCodes.Damaged,
            $"A row of {TableNames.GrainTypeOf(table)} state '{TableNames.StateOf(table)}'"
                + $" in partition {partition} can't be read;"
                + $" nothing was changed. {cause.Message}",
            cause
        );
}
