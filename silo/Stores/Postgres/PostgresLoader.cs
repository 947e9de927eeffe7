using Grid.Codec;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// Reads all states of a kind from PostgreSQL by binary copy: a few copies a database side by side, each of a range of
/// partitions.
/// </summary>
public sealed class PostgresLoader(PostgresStore store) : IPartitionLoader
{
    private const int CopiesPerDatabase = 2;

    /// <inheritdoc/>
    public async Task<long> LoadAsync<T>(
        string grainType,
        string stateName,
        int firstPartition,
        int partitions,
        StateSink<T> sink,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstPartition);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstPartition + partitions, Partitions.Count);
        var load = new Load<T>(GrainType.Create(grainType), StateTable.NameOf(grainType, stateName), sink, cancellation);
        var end = firstPartition + partitions;
        var parts = new List<Task<long>>();
        foreach (var database in store.Databases)
        {
            var from = Math.Max(firstPartition, PostgresOptions.FirstPartitionOf(database.Number, store.Databases.Count));
            var until = Math.Min(end, PostgresOptions.FirstPartitionOf(database.Number + 1, store.Databases.Count));
            for (var copy = 0; copy < CopiesPerDatabase && from < until; copy++)
            {
                var partEnd = from + (until - from) / (CopiesPerDatabase - copy);
                if (partEnd == from)
                    continue;
                var (partFrom, partUntil) = (from, partEnd);
                parts.Add(Task.Run(() => load.Run(database, partFrom, partUntil), cancellation));
                from = partEnd;
            }
        }

        return (await Task.WhenAll(parts)).Sum();
    }

    private sealed class Load<T>(GrainType type, string table, StateSink<T> sink, CancellationToken cancellation)
    {
        internal long Run(PostgresDatabase database, int from, int until)
        {
            try
            {
                using var connection = database.Open();
                if (!database.Has(table))
                    database.Learn(connection);
                if (!database.Has(table))
                    return 0;
                using var rows = new CopyRows(connection.BeginRawBinaryCopy(
                    $"""
                    COPY (SELECT key, version, state FROM "{table}"
                    WHERE partition >= {from} AND partition < {until} AND state IS NOT NULL) TO STDOUT (FORMAT binary)
                    """));
                return Take(rows);
            }
            catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
            {
                throw PostgresFaults.Translate(fault, database.Place);
            }
        }

        private long Take(CopyRows rows)
        {
            long count = 0;
            for (; rows.Next(); count++)
            {
                cancellation.ThrowIfCancellationRequested();
                var grain = GrainId.Create(type, PostgresKey.GrainKey(rows.Key));
                sink(grain, GridGrainStorage.Decode<T>(table, rows.State)!, rows.Version);
            }

            return count;
        }
    }
}
