using Grid.Scans;
using Microsoft.Data.Sqlite;

namespace Grid.Bench.Load.Capacity.History;

/// <summary>What the rows of the visits say.</summary>
/// <param name="Missing">Acknowledged scans without a row.</param>
/// <param name="Doubled">Scan ids with more than one row, acknowledged or not.</param>
internal sealed record RowVerdict(long Rows, long Missing, long Doubled);

/// <summary>Counts the rows of visits in a data folder that nobody serves any more.</summary>
internal static class VisitRows
{
    private const string TablePrefix = "visits_";

    /// <param name="dataFolder">The folder.</param>
    /// <param name="acknowledged">The scans that were answered.</param>
    /// <param name="venueIds">The venues that the scans name by their place.</param>
    public static RowVerdict Check(
        string dataFolder, IReadOnlyList<AnsweredScan> acknowledged, IReadOnlyList<string> venueIds)
    {
        var found = new HashSet<Guid>();
        long rows = 0, doubled = 0;
        foreach (var id in ScanIds(dataFolder))
        {
            rows++;
            if (!found.Add(id))
                doubled++;
        }
        var missing = acknowledged.LongCount(scan => !found.Contains(KeyOf(scan.Asked, venueIds)));
        return new RowVerdict(rows, missing, doubled);
    }

    /// <summary>The id under which the grid records a scan.</summary>
    public static Guid KeyOf(in AskedScan scan, IReadOnlyList<string> venueIds) =>
        ScanKey.Of(venueIds[scan.Venue], scan.Id.ToString());

    private static IEnumerable<Guid> ScanIds(string dataFolder)
    {
        SQLitePCL.Batteries_V2.Init();
        foreach (var file in Directory.EnumerateFiles(dataFolder, "grid-*.db", SearchOption.AllDirectories))
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            foreach (var table in Tables(connection))
            {
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT scan FROM \"{table}\"";
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    // The grid records scans under UUIDs, which the store keeps as bytes.
                    if (reader.GetValue(0) is byte[] { Length: 16 } bytes)
                        yield return new Guid(bytes, bigEndian: true);
                }
            }
        }
    }

    private static List<string> Tables(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '{TablePrefix}%'";
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    }
}
