namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// Reads all states of a kind by binary COPY, a few copies per database in parallel. A copy reads a range of the
/// table's pages; for a few partitions it reads their rows by key.
/// </summary>
public sealed class PostgresLoader(PostgresStore store) : IPartitionLoader
{
    private const int CopiesPerDatabase = 2;

    // Pages per copy: about 100,000 residents, half a second. A copy delays the server's vacuum.
    private const int BlocksPerCopy = 4_096;

    // Below an eighth of its partitions a database reads rows by key; above it reads all rows and skips some.
    private const int FewPartitionsShare = 8;

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
        var copies = new List<Task<long>>();
        foreach (var database in store.Databases)
        {
            var whole = PartitionsOf(database);
            var (from, until) = (Math.Max(firstPartition, whole.From), Math.Min(end, whole.Until));
            if (from >= until)
                continue;
            var pieces = new Pieces(
                await load.BlocksAsync(database),
                from,
                until,
                (until - from) * FewPartitionsShare < whole.Until - whole.From
            );
            for (var copy = 0; copy < CopiesPerDatabase; copy++)
                copies.Add(Task.Run(() => load.RunAsync(database, pieces), cancellation));
        }

        return (await Task.WhenAll(copies)).Sum();
    }

    private (int From, int Until) PartitionsOf(PostgresDatabase database) =>
        (
            PostgresOptions.FirstPartitionOf(database.Number, store.Databases.Count),
            PostgresOptions.FirstPartitionOf(database.Number + 1, store.Databases.Count)
        );

    /// <summary>The remaining pieces of a table to copy.</summary>
    private sealed class Pieces(long blocks, int from, int until, bool few)
    {
        private int _given = -1;

        // An empty or missing table has no pieces.
        private int Count =>
            blocks == 0
                ? 0
                : (int)(
                    few
                        ? (until - from + PostgresStore.PartitionsPerStripe - 1) / PostgresStore.PartitionsPerStripe
                        : (blocks + BlocksPerCopy - 1) / BlocksPerCopy
                );

        /// <summary>The condition of the next piece; null after the last.</summary>
        internal string? Next()
        {
            var piece = Interlocked.Increment(ref _given);
            if (piece >= Count)
                return null;
            if (few)
            {
                var first = from + piece * PostgresStore.PartitionsPerStripe;
                return Range(first, Math.Min(first + PostgresStore.PartitionsPerStripe, until));
            }

            // Blocks added after the count belong to the last piece.
            var start = (long)piece * BlocksPerCopy;
            var upTo = piece == Count - 1 ? "" : $"AND ctid < '({start + BlocksPerCopy},0)'";
            return $"ctid >= '({start},0)' {upTo} AND {Range(from, until)}";
        }

        private static string Range(int first, int behind) => $"partition >= {first} AND partition < {behind}";
    }

    private sealed class Load(GrainType type, string table, Func<RowSink> begin, CancellationToken cancellation)
    {
        /// <summary>The table's blocks; 0 if it is missing.</summary>
        internal async Task<long> BlocksAsync(PostgresDatabase database)
        {
            try
            {
                await using var connection = await database.OpenAsync(cancellation);
                if (!database.Has(table))
                    database.Learn(connection);
                if (!database.Has(table))
                    return 0;
                await using var command = connection.CreateCommand();
                command.CommandText = $"SELECT pg_relation_size('\"{table}\"') / current_setting('block_size')::bigint";
                return (long)(await command.ExecuteScalarAsync(cancellation))!;
            }
            catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
            {
                throw PostgresFaults.Translate(exception, database.Place);
            }
        }

        internal async Task<long> RunAsync(PostgresDatabase database, Pieces pieces)
        {
            try
            {
                await using var connection = await database.OpenAsync(cancellation);
                long count = 0;
                while (pieces.Next() is { } piece)
                {
                    cancellation.ThrowIfCancellationRequested();
                    // Before the copy starts, so that the copied rows are at least as new as the sink.
                    var sink = begin();
                    using var rows = new CopyRows(
                        connection.BeginRawBinaryCopy(
                            $"COPY (SELECT key, version, state FROM \"{table}\" WHERE {piece} AND state IS NOT NULL)"
                                + " TO STDOUT (FORMAT binary)"
                        )
                    );
                    count += Take(rows, sink);
                }

                return count;
            }
            catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
            {
                throw PostgresFaults.Translate(exception, database.Place);
            }
        }

        private long Take(CopyRows rows, RowSink sink)
        {
            long count = 0;
            for (; rows.Next(); count++)
            {
                cancellation.ThrowIfCancellationRequested();
                var grain = GrainId.Create(type, PostgresKey.IdOf(rows.Key));
                sink(grain, rows.State, rows.Version);
            }

            return count;
        }
    }
}
