using System.Runtime.CompilerServices;
using Grid.Scans;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>Writes visits with a file's writer.</summary>
internal static class SqliteVisits
{
    private const int MaxScanBytes = VisitKey.MaxScanIdChars * 3;

    /// <summary>Writes a visit, or finds the row of its id.</summary>
    [SkipLocalsInit]
    internal static VisitReceipt Write(SqliteWriter writer, Visit visit)
    {
        var key = VisitKey.Of(visit.ScanId, stackalloc byte[MaxScanBytes]);
        var today = VisitDay.Of(visit.RecordedAt);
        var day = VisitDay.File(key.Day, today);
        // An id that names no day of the window may have arrived just before midnight.
        if (day != key.Day && FindEarlier(writer, key, day) is { } earlier)
            return VisitReceipts.Standing(earlier, visit);
        var table = writer.Visits(day);
        return table.TryAdd(key, visit, writer.TextScratch(SqliteVisitTable.MaxTextBytes(visit)))
            ? new VisitReceipt(VisitStatus.Recorded, visit)
            : VisitReceipts.Standing(table.Find(key)!, visit);
    }

    private static Visit? FindEarlier(SqliteWriter writer, in VisitKey key, int day) =>
        writer.FindVisits(VisitDay.Add(day, -1))?.Find(key)
        ?? (key.Day is { } named ? writer.FindVisits(named)?.Find(key) : null);
}
