namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// Reads all states of a kind from the data folder: partition by partition, several files in parallel.
/// </summary>
public sealed class SqliteLoader(SqliteStore store) : IPartitionLoader
{
    private const int ChunkRows = 1_024;

    /// <inheritdoc/>
    public async Task<long> LoadAsync(
        string grainType,
        string stateName,
        int firstPartition,
        int partitions,
        Func<RowSink> begin,
        CancellationToken cancellation = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstPartition);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstPartition + partitions, Partitions.Count);
        var load = new Load(GrainType.Create(grainType), TableNames.OfState(grainType, stateName), begin, cancellation);
        var end = firstPartition + partitions;
        var parts = new List<Task<long>>();
        while (firstPartition < end)
        {
            var file = store.FileOf(firstPartition);
            var partEnd = Math.Min(end, SqliteOptions.FirstPartitionOf(file.Number + 1, store.Files.Count));
            var (from, until) = (StateKey.FirstRow(firstPartition), StateKey.FirstRow(partEnd));
            parts.Add(Task.Run(() => load.Run(file, from, until), cancellation));
            firstPartition = partEnd;
        }

        return (await Task.WhenAll(parts)).Sum();
    }

    private sealed class Load(GrainType type, string table, Func<RowSink> begin, CancellationToken cancellation)
    {
        private readonly string _sql =
            $"SELECT row, version, id, state FROM \"{table}\" WHERE row >= ?1 AND row <= ?2 AND state IS NOT NULL"
            + $" ORDER BY row LIMIT {ChunkRows}";

        internal long Run(SqliteFile file, long from, long until)
        {
            // Excludes the first row of the next partition; the last partition has no next one.
            var last = until == long.MaxValue ? until : until - 1;
            long count = 0;
            long? next = file.Has(table) ? from : null;
            while (next is { } first)
            {
                cancellation.ThrowIfCancellationRequested();
                // Read in chunks: an open reader keeps the log from being reused.
                var chunk = file.Read((Load: this, Sink: begin(), first, last), static (reader, at) =>
                    at.Load.Chunk(reader, at.Sink, at.first, at.last)
                );
                count += chunk.Count;
                next = chunk.Next;
            }

            return count;
        }

        private (int Count, long? Next) Chunk(SqliteReader reader, RowSink sink, long first, long last)
        {
            var rows = reader.Prepared(_sql);
            rows.BindInt64(1, first);
            rows.BindInt64(2, last);
            var count = 0;
            long row = 0;
            try
            {
                for (; rows.Step(); count++)
                {
                    row = rows.Int64(0);
                    // Runs millions of times: read a GUID without creating a string.
                    var key = rows.IsText(2)
                        ? IdSpan.Create(rows.Text(2))
                        : GrainIdKeyExtensions.CreateGuidKey(new Guid(rows.Bytes(2), bigEndian: true));
                    var grain = GrainId.Create(type, key);
                    sink(grain, rows.Bytes(3), rows.Int64(1));
                }
            }
            finally
            {
                rows.Reset();
            }

            return (count, count == ChunkRows && row < last ? row + 1 : null);
        }
    }
}
