using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Grid.Codec;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Stores;

/// <summary>
/// Grain states in the data folder. A write is answered after its commit, which it shares with whatever else the file's
/// writer has; it sets the new ETag (the version in decimal) only then. A write that met another version throws
/// <see cref="InconsistentStateException"/> and disturbs no other of its group.
/// </summary>
/// <remarks>
/// A <see cref="StoreException"/> with <see cref="StoreFaults.Unavailable"/> leaves the outcome open: the caller reads
/// again before it writes again. With any other code nothing was written.
/// </remarks>
public sealed class GridGrainStorage(SqliteStore store) : IGrainStorage, IPendingScan
{
    /// <summary>The storage name that grains give.</summary>
    public const string Name = "grid";

    private const int PendingChunkRows = 1_000;

    private readonly ConcurrentDictionary<(GrainType Type, string State), string> _tables = new();

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        try
        {
            Read(stateName, grainId, grainState);
            return Task.CompletedTask;
        }
        catch (StoreException fault)
        {
            return Task.FromException(fault);
        }
    }

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : ReadStateAsync(stateName, grainId, grainState);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Queue(stateName, grainId, grainState, clear: false);

    /// <summary>As without a token, which only keeps a write from being begun: once queued, the commit decides.</summary>
    public Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : Queue(stateName, grainId, grainState, clear: false);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Queue(stateName, grainId, grainState, clear: true);

    /// <inheritdoc cref="WriteStateAsync{T}(string, GrainId, IGrainState{T}, CancellationToken)"/>
    public Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : Queue(stateName, grainId, grainState, clear: true);

    /// <inheritdoc/>
    public async IAsyncEnumerable<GrainId> PendingAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var file in store.OpenFiles)
        {
            foreach (var table in file.Tables.Where(static name => name.StartsWith(StateTable.NamePrefix, StringComparison.Ordinal)))
            {
                long? after = null;
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    var (grains, last) = file.Read((table, after), static (reader, at) => ReadPending(reader, at.table, at.after));
                    foreach (var grain in grains)
                        yield return grain;
                    after = last;
                    await Task.Yield();
                }
                while (after is not null);
            }
        }
    }

    /// <summary>The table of a kind of state.</summary>
    internal string TableOf(GrainType type, string stateName) => _tables.GetOrAdd(
        (type, stateName), static key => StateTable.NameOf(key.Type.ToString()!, key.State));

    private Task Queue<T>(string stateName, GrainId grainId, IGrainState<T> grainState, bool clear)
    {
        var key = StateKey.Of(grainId);
        var known = grainState.ETag is { } etag
            ? long.Parse(etag, NumberStyles.None, CultureInfo.InvariantCulture)
            : 0;
        var work = new StateWork<T>(TableOf(grainId.Type, stateName), grainId, key, grainState, known, clear);
        try
        {
            store.FileOf(key.Partition).Enqueue(work);
            return work.Done;
        }
        catch (StoreException fault)
        {
            work.Release();
            return Task.FromException(fault);
        }
    }

    private void Read<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = StateKey.Of(grainId);
        var file = store.FileOf(key.Partition);
        var table = TableOf(grainId.Type, stateName);
        // Without a table there is nothing, and no statement could be made.
        var version = file.Has(table)
            ? file.Read((table, key, grainState), static (reader, at) => ReadRow(reader, at.table, at.key, at.grainState))
            : 0;
        grainState.RecordExists = version > 0;
        grainState.ETag = version > 0 ? version.ToString(CultureInfo.InvariantCulture) : null;
    }

    [SkipLocalsInit]
    private static long ReadRow<T>(FileReader reader, string table, in StateKey key, IGrainState<T> grainState)
    {
        Span<byte> scratch = stackalloc byte[StateKey.TextCharsMax * 3];
        var id = scratch[..StateTable.CopyId(key, scratch)];
        var find = reader.FindState(table);
        for (var probe = 0; probe < StateKey.ProbesMax; probe++)
        {
            find.BindInt64(1, key.Row(probe));
            try
            {
                if (!find.Step())
                    return 0;
                if (!StateTable.IsId(find, 1, key, id))
                    continue;
                if (find.IsNull(2))
                    return 0;
                grainState.State = Decode<T>(table, find.Bytes(2));
                return find.Int64(0);
            }
            finally
            {
                find.Reset();
            }
        }

        return 0;
    }

    /// <summary>The state that a row's bytes are.</summary>
    /// <exception cref="StoreException">They are none.</exception>
    internal static T? Decode<T>(string table, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Codec<T>.Decode(bytes);
        }
        catch (CodecException fault)
        {
            throw new StoreException(StoreFaults.Damaged, $"A row of {table} can't be read.", fault);
        }
    }

    private static (List<GrainId> Grains, long? Last) ReadPending(FileReader reader, string table, long? after)
    {
        var grains = new List<GrainId>();
        if (!reader.HasPendingIndex(table))
            return (grains, null);
        var type = GrainType.Create(StateTable.GrainTypeOf(table));
        var statement = reader.PendingStates(table);
        statement.BindInt64(1, after ?? long.MinValue);
        statement.BindInt64(2, PendingChunkRows);
        long last = 0;
        try
        {
            while (statement.Step())
            {
                last = statement.Int64(0);
                grains.Add(GrainId.Create(type, StateTable.KeyText(statement, 1)));
            }
        }
        finally
        {
            statement.Reset();
        }

        return (grains, grains.Count == PendingChunkRows ? last : null);
    }
}
