using Grid.Scans;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Transfer;

/// <summary>Transfers the store of a data folder.</summary>
internal sealed class SqliteTransfer(SqliteStore store) : ITransferStore
{
    private const int ChunkRows = 1_000;

    private readonly SqliteVisitLog _visits = new(store);

    /// <inheritdoc/>
    public string Place => store.Options.Sqlite.Folder;

    private string Note => Path.Combine(store.Options.Sqlite.Folder, Filling.Name);

    /// <inheritdoc/>
    public IReadOnlyList<TransferKind> Kinds() =>
        [
            .. store
                .Files.SelectMany(static file =>
                    file.Tables.Where(static table =>
                            table.StartsWith(TableNames.StatePrefix, StringComparison.Ordinal)
                        )
                        .Select(table => file.Read(table, static (reader, name) => Count(reader, name)))
                )
                .GroupBy(static kind => (kind.Grain, kind.State))
                .Select(static same => same.First() with { Rows = same.Sum(static kind => kind.Rows) })
                .Where(static kind => kind.Rows > 0)
                .OrderBy(static kind => kind.Grain, StringComparer.Ordinal)
                .ThenBy(static kind => kind.State, StringComparer.Ordinal),
        ];

    /// <inheritdoc/>
    public long CountVisits() =>
        store.Files.Sum(static file =>
            file.Tables.Where(static table => TableNames.DayOf(table) is not null)
                .Sum(table => file.Read(table, static (reader, name) => Scalar(reader, $"SELECT count(*) FROM {name}")))
        );

    /// <inheritdoc/>
    public IEnumerable<StoredState> States(TransferKind kind)
    {
        var table = TableNames.OfState(kind.Grain, kind.State);
        foreach (var file in store.Files.Where(file => file.Has(table)))
        {
            long? after = null;
            do
            {
                var (states, last) = file.Read((table, after), static (reader, at) =>
                    Chunk(reader, at.table, at.after)
                );
                foreach (var state in states)
                    yield return state;
                after = last;
            } while (after is not null);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Visit> Visits() => _visits.All();

    /// <inheritdoc/>
    public void BeginFilling()
    {
        using var note = File.OpenHandle(Note, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.FlushToDisk(note);
    }

    /// <inheritdoc/>
    public void Add(TransferKind kind, IReadOnlyList<StoredState> states)
    {
        var table = TableNames.OfState(kind.Grain, kind.State);
        var type = GrainType.Create(kind.Grain);
        var works = states
            .Select(state => (Key: StateKey.Of(GrainId.Create(type, IdSpan.Create(state.Key))), State: state))
            .GroupBy(each => store.FileOf(each.Key.Partition))
            .Select(part => Queue(part.Key, new Records(table, kind.HasPending, [.. part])));
        Task.WhenAll(works.ToArray()).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<Visit> visits)
    {
        var receipts = _visits.AppendManyAsync([.. visits]).AsTask().GetAwaiter().GetResult();
        if (receipts.Any(static receipt => receipt.Status != VisitStatus.Recorded))
            throw new StoreException(StoreErrorCodes.Damaged, "The file has two visits of one scan id.");
    }

    /// <inheritdoc/>
    public void EndFilling() => File.Delete(Note);

    private static Task Queue(SqliteFile file, Records records)
    {
        file.Enqueue(records);
        return records.Done;
    }

    private static TransferKind Count(SqliteReader reader, string table) =>
        new(
            TableNames.GrainTypeOf(table),
            TableNames.StateOf(table),
            reader.HasPendingIndex(table),
            Scalar(reader, $"SELECT count(*) FROM \"{table}\" WHERE state IS NOT NULL")
        );

    private static long Scalar(SqliteReader reader, string sql)
    {
        var statement = reader.Prepared(sql);
        try
        {
            return statement.Step() ? statement.Int64(0) : 0;
        }
        finally
        {
            statement.Reset();
        }
    }

    private static (List<StoredState> States, long? Last) Chunk(SqliteReader reader, string table, long? after)
    {
        var rows = reader.Prepared(
            $"SELECT row, version, pending, id, state FROM \"{table}\" WHERE row > ?1 AND state IS NOT NULL"
                + $" ORDER BY row LIMIT {ChunkRows}"
        );
        rows.BindInt64(1, after ?? long.MinValue);
        var states = new List<StoredState>(ChunkRows);
        long last = 0;
        try
        {
            while (rows.Step())
            {
                last = rows.Int64(0);
                states.Add(
                    new StoredState(
                        SqliteStateTable.KeyText(rows, 3),
                        rows.Int64(1),
                        rows.Int64(2) != 0,
                        rows.Bytes(4).ToArray()
                    )
                );
            }
        }
        finally
        {
            rows.Reset();
        }

        return (states, states.Count == ChunkRows ? last : null);
    }

    /// <summary>Adds records of one file in one commit.</summary>
    private sealed class Records(string table, bool hasPending, List<(StateKey Key, StoredState State)> states)
        : WriteWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Done => _done.Task;

        internal override int Rows => states.Count;

        internal override void Apply(IGroupWriter writer)
        {
            var target = ((SqliteWriter)writer).States(table, hasPending);
            foreach (var (key, state) in states)
                target.Add(key, state.Version, state.Pending, state.Bytes);
        }

        protected override void Succeed() => _done.SetResult();

        protected override void Fail(StoreException failure) => _done.SetException(failure);
    }
}
