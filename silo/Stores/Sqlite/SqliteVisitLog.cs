using System.Runtime.CompilerServices;
using Grid.Scans;
using SQLitePCL;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>The visits in the data folder.</summary>
public sealed class SqliteVisitLog(SqliteStore store) : GroupedVisitLog(store.Files.Count)
{
    private const int ScanChunkRows = 2_000;

    /// <inheritdoc/>
    public override IAsyncEnumerable<Visit> OfResidentAsync(
        Guid resident,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    ) => SearchAsync(new VisitSearch(resident, null, from, until), cancellation);

    /// <inheritdoc/>
    public override IAsyncEnumerable<Visit> OfVenueAsync(
        string venueId,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    ) => SearchAsync(new VisitSearch(null, venueId, from, until), cancellation);

    /// <summary>All visits of all kept days.</summary>
    internal IEnumerable<Visit> All()
    {
        var search = new VisitSearch(null, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        foreach (var file in store.Files)
        {
            foreach (var table in file.Tables.Where(static name => TableNames.DayOf(name) is not null).Order())
            {
                (byte[] Scan, bool IsText)? after = null;
                do
                {
                    var chunk = file.Read((table, search, after), static (reader, at) =>
                        VisitSearch.Read(reader, at.table, at.search, at.after)
                    );
                    foreach (var visit in chunk.Visits)
                        yield return visit;
                    after = chunk.Last;
                } while (after is not null);
            }
        }
    }

    private protected override int LaneOf(int partition) => SqliteOptions.FileOf(partition, store.Files.Count);

    private protected override GroupLane<WriteWork> Lane(int number) => store.Files[number];

    private async IAsyncEnumerable<Visit> SearchAsync(
        VisitSearch search,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        // An id may name a day up to the window after the scan's, or an earlier one.
        var first = VisitDay.Add(VisitDay.Of(search.From), -VisitDay.WindowDays);
        var last = VisitDay.Add(VisitDay.Of(search.Until), 1);
        foreach (var file in store.Files)
        {
            foreach (
                var table in file
                    .Tables.Where(name => TableNames.DayOf(name) is { } day && day >= first && day <= last)
                    .Order()
            )
            {
                (byte[] Scan, bool IsText)? after = null;
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    var chunk = file.Read((table, search, after), static (reader, at) =>
                        VisitSearch.Read(reader, at.table, at.search, at.after)
                    );
                    foreach (var visit in chunk.Visits)
                        yield return visit;
                    after = chunk.Last;
                    await Task.Yield();
                } while (after is not null);
            }
        }
    }

    private sealed record VisitSearch(Guid? Resident, string? Venue, DateTimeOffset From, DateTimeOffset Until)
    {
        // Reads one chunk of rows, matching or not: an open reader keeps the log from being reused.
        internal static (List<Visit> Visits, (byte[], bool)? Last) Read(
            SqliteReader reader,
            string table,
            VisitSearch search,
            (byte[] Scan, bool IsText)? after
        )
        {
            var visits = new List<Visit>();
            SqliteStatement rows;
            try
            {
                rows = reader.Prepared(
                    $"SELECT {SqliteVisitTable.Columns} FROM {table} WHERE ?1 IS NULL OR scan > ?1"
                        + " ORDER BY scan LIMIT ?2"
                );
            }
            catch (SqliteException exception) when (exception.Code == raw.SQLITE_ERROR)
            {
                // The day was deleted meanwhile: its retention has ended.
                return (visits, null);
            }

            return (visits, search.Collect(rows, after, visits));
        }

        private (byte[], bool)? Collect(SqliteStatement rows, (byte[] Scan, bool IsText)? after, List<Visit> visits)
        {
            Bind(rows, after);
            try
            {
                (byte[], bool)? last = null;
                for (var row = 1; rows.Step(); row++)
                {
                    if (Matches(rows))
                        visits.Add(SqliteVisitTable.Read(rows));
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

        private static void Bind(SqliteStatement rows, (byte[] Scan, bool IsText)? after)
        {
            rows.BindInt64(2, ScanChunkRows);
            if (after is not { } key)
                rows.BindNull(1);
            else if (key.IsText)
                rows.BindText(1, key.Scan);
            else
                rows.BindBlob(1, key.Scan);
        }

        private bool Matches(SqliteStatement row)
        {
            var at = row.Int64(1);
            if (at < From.ToUnixTimeMilliseconds() || at >= Until.ToUnixTimeMilliseconds())
                return false;
            return Resident is { } resident
                ? new Guid(row.Bytes(2), bigEndian: true) == resident
                : Venue is null || row.Text(3) == Venue;
        }
    }
}
