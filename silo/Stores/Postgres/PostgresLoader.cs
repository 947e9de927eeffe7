namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// Reads all states of a kind from PostgreSQL by binary copy: a few copies a database side by side, one after another. Each
/// takes a piece of the table as it lies on the disk; or, of a few partitions alone, their rows by the key.
/// </summary>
public sealed class PostgresLoader(PostgresStore store) : IPartitionLoader
{
    private const int CopiesPerDatabase = 2;

    // Pages that one copy reads: some 100,000 residents, half a second. A copy holds the server's cleaning up of old rows.
    private const int BlocksPerCopy = 4_096;

    // Of fewer than an eighth of its partitions a database looks up the rows; beyond it reads all and leaves some out.
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

    /// <summary>What is left to be copied of a table, piece by piece.</summary>
    private sealed class Pieces(long blocks, int from, int until, bool few)
    {
        private int _given = -1;

        // A table that is empty, or not made yet, has none.
        private int Count =>
            blocks == 0
                ? 0
                : (int)(
                    few
                        ? (until - from + PostgresStore.PartitionsPerStripe - 1) / PostgresStore.PartitionsPerStripe
                        : (blocks + BlocksPerCopy - 1) / BlocksPerCopy
                );

        /// <summary>The condition of the next piece; null behind the last.</summary>
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

            // What is added behind the last block since they were counted belongs to the last piece.
            var start = (long)piece * BlocksPerCopy;
            var upTo = piece == Count - 1 ? "" : $"AND ctid < '({start + BlocksPerCopy},0)'";
            return $"ctid >= '({start},0)' {upTo} AND {Range(from, until)}";
        }

        private static string Range(int first, int behind) => $"partition >= {first} AND partition < {behind}";
    }

    private sealed class Load(GrainType type, string table, Func<RowSink> begin, CancellationToken cancellation)
    {
        /// <summary>Blocks of the table; 0 when there is none.</summary>
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
            catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
            {
                throw PostgresFaults.Translate(fault, database.Place);
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
                    // Before the copy begins: what it reads is as old as that, or newer.
                    var sink = begin();
                    using var rows = new CopyRows(
                        connection.BeginRawBinaryCopy(
                            $"COPY (SELECT key, version, state FROM \"{table}\" WHERE {piece} AND state IS NOT NULL) TO STDOUT (FORMAT binary)"
                        )
                    );
                    count += Take(rows, sink);
                }

                return count;
            }
            catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
            {
                throw PostgresFaults.Translate(fault, database.Place);
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
