using Grid.Scans;
using Npgsql;

namespace Grid.Bench.Load.Capacity.History;

/// <summary>The rows of visits compared with the acknowledged scans.</summary>
/// <param name="Missing">Acknowledged scans without a row.</param>
/// <param name="Doubled">Scan ids with more than one row, acknowledged or not.</param>
internal sealed record RowVerdict(long Rows, long Missing, long Doubled);

/// <summary>Counts the rows of visits in a database after its cluster has stopped.</summary>
internal static class VisitRows
{
    /// <param name="database">Its connection string.</param>
    /// <param name="acknowledged">The scans that were answered.</param>
    /// <param name="venueIds">The venues; a scan names its venue by index.</param>
    /// <param name="stop">Cancels the reading.</param>
    public static async Task<RowVerdict> CheckAsync(
        string database,
        IReadOnlyList<AnsweredScan> acknowledged,
        IReadOnlyList<string> venueIds,
        CancellationToken stop
    )
    {
        var found = new HashSet<Guid>();
        long rows = 0,
            doubled = 0;
        await using var connection = new NpgsqlConnection($"{database};Pooling=false;Command Timeout=600");
        await connection.OpenAsync(stop);
        // The key of a scan is a UUID, which the store keeps as a tag (0) and its 16 bytes.
        await using var command = new NpgsqlCommand(
            "SELECT scan FROM visits WHERE length(scan) = 17 AND get_byte(scan, 0) = 0",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            rows++;
            if (!found.Add(new Guid(reader.GetFieldValue<byte[]>(0).AsSpan(1), bigEndian: true)))
                doubled++;
        }
        var missing = acknowledged.LongCount(scan => !found.Contains(KeyOf(scan.Asked, venueIds)));
        return new RowVerdict(rows, missing, doubled);
    }

    /// <summary>The id under which the grid records a scan.</summary>
    public static Guid KeyOf(in AskedScan scan, IReadOnlyList<string> venueIds) =>
        ScanKey.Of(venueIds[scan.Venue], scan.Id.ToString());
}
