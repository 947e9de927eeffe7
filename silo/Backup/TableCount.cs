using System.Buffers.Binary;
using System.Security.Cryptography;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Backup;

/// <summary>The contents of a table as counts and a hash, so that two copies can be compared.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Versions">The sum of the versions of its states; 0 for visits, which have none.</param>
/// <param name="Sha256">The hash of all rows in key order, in hexadecimal.</param>
internal sealed record TableCount(string Table, long Rows, long Versions, string Sha256)
{
    /// <summary>Counts all tables of states and visits in a file.</summary>
    internal static List<TableCount> All(SqliteDatabase database)
    {
        var tables = database.Texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
        return
        [
            .. tables
                .Where(static name => IsState(name) || TableNames.DayOf(name) is not null)
                .Select(name => Of(database, name)),
        ];
    }

    /// <summary>Merges the tables of several files: the output does not distinguish files.</summary>
    internal static List<TableCount> Sum(IEnumerable<TableCount> tables) =>
        [
            .. tables
                .GroupBy(static table => table.Table, StringComparer.Ordinal)
                .OrderBy(static group => group.Key, StringComparer.Ordinal)
                .Select(static group => new TableCount(
                    group.Key,
                    group.Sum(static table => table.Rows),
                    group.Sum(static table => table.Versions),
                    Convert.ToHexStringLower(
                        SHA256.HashData(group.SelectMany(static table => Convert.FromHexString(table.Sha256)).ToArray())
                    )
                )),
        ];

    private static bool IsState(string table) => table.StartsWith(TableNames.StatePrefix, StringComparison.Ordinal);

    private static TableCount Of(SqliteDatabase database, string table)
    {
        var isState = IsState(table);
        var columns = isState ? ["row", "version", "pending", "id", "state"] : SqliteVisitTable.Columns.Split(", ");
        using var rows = database.Prepare($"SELECT {string.Join(", ", columns)} FROM \"{table}\" ORDER BY 1");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        long count = 0;
        long versions = 0;
        for (; rows.Step(); count++)
        {
            if (isState)
                versions += rows.Int64(1);
            for (var column = 0; column < columns.Length; column++)
            {
                // Bytes and texts as stored, numbers as SQLite prints them. The length separates columns.
                var bytes = rows.Bytes(column);
                BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
                hash.AppendData(length);
                hash.AppendData(bytes);
            }
        }

        return new TableCount(table, count, versions, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
