using System.Runtime.CompilerServices;
using Grid.Scans;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Stores;

/// <summary>
/// The visits in the data folder, in a table a day. An id that is a UUID of version 7 is filed under the day that it names,
/// so it is one row whenever it comes again within the retention; any other id is known again on the day on which it was
/// recorded and on the next.
/// </summary>
public sealed class SqliteVisitLog(SqliteStore store) : IVisitLog
{
    private const int ScanChunkRows = 2_000;

    /// <inheritdoc/>
    public ValueTask<VisitReceipt> AppendAsync(Visit visit, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<VisitReceipt>(cancellation);
        Check(visit);
        var work = new VisitWork(visit);
        try
        {
            FileOf(visit).Enqueue(work);
            return work.Done;
        }
        catch (StoreException fault)
        {
            return ValueTask.FromException<VisitReceipt>(fault);
        }
    }

    /// <summary>
    /// Writes many, each on its own. Those of one file share a commit; when a commit fails the whole call does, and the
    /// parts that other files wrote are found as replays when it is repeated.
    /// </summary>
    public ValueTask<VisitReceipt[]> AppendManyAsync(Visit[] visits, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<VisitReceipt[]>(cancellation);
        if (visits.Length == 0)
            return new ValueTask<VisitReceipt[]>([]);
        if (visits.Length > VisitShards.BatchMax)
            throw new ArgumentException($"At most {VisitShards.BatchMax} visits in one call.", nameof(visits));
        var parts = new List<int>?[store.Files];
        for (var index = 0; index < visits.Length; index++)
        {
            Check(visits[index]);
            var file = StoreOptions.FileOf(VisitShards.PartitionOf(visits[index].ScanId), store.Files);
            (parts[file] ??= []).Add(index);
        }

        return new ValueTask<VisitReceipt[]>(Queue(visits, parts));
    }

    /// <summary>The visits of a resident in a window of time; by day, within a day in no order.</summary>
    /// <param name="resident">Whose.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="until">The moment behind the last.</param>
    /// <param name="cancellation">Ends the search.</param>
    public IAsyncEnumerable<Visit> OfResidentAsync(
        Guid resident, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation = default) =>
        SearchAsync(new VisitSearch(resident, null, from, until), cancellation);

    /// <summary>The visits of a venue in a window of time; by day, within a day in no order.</summary>
    /// <inheritdoc cref="OfResidentAsync"/>
    public IAsyncEnumerable<Visit> OfVenueAsync(
        string venueId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation = default) =>
        SearchAsync(new VisitSearch(null, venueId, from, until), cancellation);

    private static void Check(Visit visit)
    {
        if (visit.ScanId.Length is 0 or > VisitKey.ScanIdCharsMax)
            throw new ArgumentException($"A scan id has 1 to {VisitKey.ScanIdCharsMax} characters.", nameof(visit));
    }

    private Task<VisitReceipt[]> Queue(Visit[] visits, List<int>?[] parts)
    {
        var batch = new VisitBatch(visits, parts.Count(static part => part is not null));
        for (var number = 0; number < parts.Length; number++)
        {
            if (parts[number] is not { } indexes)
                continue;
            try
            {
                store.File(number).Enqueue(new VisitBatchPart(batch, indexes));
            }
            catch (StoreException fault)
            {
                batch.PartDone(fault);
            }
        }

        return batch.Done;
    }

    private StoreFile FileOf(Visit visit) => store.FileOf(VisitShards.PartitionOf(visit.ScanId));

    private async IAsyncEnumerable<Visit> SearchAsync(
        VisitSearch search, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // An id may name a later day than that of the scan, by the window; and an earlier one.
        var first = VisitDay.Add(VisitDay.Of(search.From), -VisitDay.WindowDays);
        var last = VisitDay.Add(VisitDay.Of(search.Until), 1);
        foreach (var file in store.OpenFiles)
        {
            foreach (var table in file.Tables.Where(name => VisitTable.DayOf(name) is { } day && day >= first && day <= last).Order())
            {
                (byte[] Scan, bool IsText)? after = null;
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    var chunk = file.Read((table, search, after), static (reader, at) => VisitSearch.Read(reader, at.table, at.search, at.after));
                    foreach (var visit in chunk.Visits)
                        yield return visit;
                    after = chunk.Last;
                    await Task.Yield();
                }
                while (after is not null);
            }
        }
    }

    private sealed record VisitSearch(Guid? Resident, string? Venue, DateTimeOffset From, DateTimeOffset Until)
    {
        // Goes over so many rows at a time, whether they match or not: a reader that stays keeps the log from being reused.
        internal static (List<Visit> Visits, (byte[], bool)? Last) Read(
            FileReader reader, string table, VisitSearch search, (byte[] Scan, bool IsText)? after)
        {
            var visits = new List<Visit>();
            SqliteStatement rows;
            try
            {
                rows = reader.Prepared(
                    $"SELECT {VisitTable.Columns} FROM {table} WHERE ?1 IS NULL OR scan > ?1 ORDER BY scan LIMIT ?2");
            }
            catch (SqliteException fault) when (fault.Code == SqliteLibrary.Error)
            {
                // Its retention has ended meanwhile.
                return (visits, null);
            }

            return (visits, search.Collect(rows, after, visits));
        }

        private unsafe (byte[], bool)? Collect(SqliteStatement rows, (byte[] Scan, bool IsText)? after, List<Visit> visits)
        {
            fixed (byte* scan = after?.Scan)
            {
                Bind(rows, after, scan);
                try
                {
                    (byte[], bool)? last = null;
                    for (var row = 1; rows.Step(); row++)
                    {
                        if (Matches(rows))
                            visits.Add(VisitTable.Read(rows));
                        if (row == ScanChunkRows)
                            last = (rows.Bytes(0).ToArray(), rows.IsText(0));
                    }

                    return last;
                }
                finally
                {
                    rows.Reset();
                }
            }
        }

        private static unsafe void Bind(SqliteStatement rows, (byte[] Scan, bool IsText)? after, byte* scan)
        {
            rows.BindInt64(2, ScanChunkRows);
            if (after is not { } key)
                rows.BindNull(1);
            else if (key.IsText)
                rows.BindText(1, scan, key.Scan.Length);
            else
                rows.BindBlob(1, scan, key.Scan.Length);
        }

        private bool Matches(SqliteStatement row)
        {
            var at = row.Int64(1);
            if (at < From.ToUnixTimeMilliseconds() || at >= Until.ToUnixTimeMilliseconds())
                return false;
            return Resident is { } resident
                ? new Guid(row.Bytes(2), bigEndian: true) == resident
                : row.Text(3) == Venue;
        }
    }
}
