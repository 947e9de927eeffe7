using System.Globalization;
using System.Runtime.CompilerServices;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>The states in the data folder. A read takes microseconds and runs on the caller's thread.</summary>
internal sealed class SqliteStates(SqliteStore store) : IStateStore
{
    private const int PendingChunkRows = 1_000;

    /// <inheritdoc/>
    public GroupLane<WriteWork> LaneOf(int partition) => store.FileOf(partition);

    /// <inheritdoc/>
    public Task ReadAsync<T>(string table, in StateKey key, IGrainState<T> target)
    {
        try
        {
            var file = store.FileOf(key.Partition);
            // Without a table there is no state, and no statement can be prepared.
            var version = file.Has(table)
                ? file.Read((table, key, target), static (reader, at) => ReadRow(reader, at.table, at.key, at.target))
                : 0;
            GridGrainStorage.Tell(target, version);
            return Task.CompletedTask;
        }
        catch (StoreException exception)
        {
            return Task.FromException(exception);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GrainId> PendingAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        foreach (var file in store.Files)
        {
            foreach (
                var table in file.Tables.Where(static name =>
                    name.StartsWith(TableNames.StatePrefix, StringComparison.Ordinal)
                )
            )
            {
                long? after = null;
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    var (grains, last) = file.Read((table, after), static (reader, at) =>
                        ReadPending(reader, at.table, at.after)
                    );
                    foreach (var grain in grains)
                        yield return grain;
                    after = last;
                    await Task.Yield();
                } while (after is not null);
            }
        }
    }

    [SkipLocalsInit]
    private static long ReadRow<T>(SqliteReader reader, string table, in StateKey key, IGrainState<T> grainState)
    {
        Span<byte> scratch = stackalloc byte[StateKey.MaxTextChars * 3];
        var id = scratch[..SqliteStateTable.CopyId(key, scratch)];
        var find = reader.FindState(table);
        for (var probe = 0; probe < StateKey.MaxProbes; probe++)
        {
            find.BindInt64(1, key.Row(probe));
            try
            {
                if (!find.Step())
                    return 0;
                if (!SqliteStateTable.IsId(find, 1, key, probe, id))
                    continue;
                if (find.IsNull(2))
                    return 0;
                grainState.State = GridGrainStorage.Decode<T>(table, key, find.Bytes(2));
                return find.Int64(0);
            }
            finally
            {
                find.Reset();
            }
        }

        return 0;
    }

    private static (List<GrainId> Grains, long? Last) ReadPending(SqliteReader reader, string table, long? after)
    {
        var grains = new List<GrainId>();
        if (!reader.HasPendingIndex(table))
            return (grains, null);
        var type = GrainType.Create(TableNames.GrainTypeOf(table));
        var statement = reader.PendingStates(table);
        statement.BindInt64(1, after ?? long.MinValue);
        statement.BindInt64(2, PendingChunkRows);
        long last = 0;
        try
        {
            while (statement.Step())
            {
                last = statement.Int64(0);
                grains.Add(GrainId.Create(type, SqliteStateTable.KeyText(statement, 1)));
            }
        }
        finally
        {
            statement.Reset();
        }

        return (grains, grains.Count == PendingChunkRows ? last : null);
    }
}
