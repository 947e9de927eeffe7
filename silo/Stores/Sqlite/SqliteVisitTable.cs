using System.Runtime.CompilerServices;
using System.Text;
using Grid.Codes;
using Grid.Scans;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>The statements of one day of visits in one file.</summary>
internal sealed class SqliteVisitTable : IDisposable
{
    internal const string Columns = "scan, at, resident, venue, device, content, reasons, colour, test, name";

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _thin;

    internal SqliteVisitTable(SqliteDatabase database, int day)
    {
        _database = database;
        var name = TableNames.OfDay(day);
        _insert = database.Prepare(
            $"INSERT INTO {name} ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                + " ON CONFLICT (scan) DO NOTHING"
        );
        _find = database.Prepare($"SELECT {Columns} FROM {name} WHERE scan = ?1");
        _thin = database.Prepare($"DELETE FROM {name} WHERE scan IN (SELECT scan FROM {name} ORDER BY scan LIMIT ?1)");
    }

    internal static string Sql(int day) =>
        $"""
            CREATE TABLE {TableNames.OfDay(day)} (
                scan PRIMARY KEY NOT NULL, at INTEGER NOT NULL, resident BLOB NOT NULL, venue TEXT NOT NULL,
                device TEXT NOT NULL, content INTEGER NOT NULL, reasons INTEGER NOT NULL, colour INTEGER NOT NULL,
                test BLOB NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
            """;

    /// <summary>Adds a row; false if the id already has one.</summary>
    [SkipLocalsInit]
    internal bool TryAdd(in VisitKey key, Visit visit, byte[] scratch)
    {
        Span<byte> resident = stackalloc byte[16];
        visit.Resident.TryWriteBytes(resident, bigEndian: true, out _);
        Bind(_insert, key);
        _insert.BindInt64(2, visit.RecordedAt.ToUnixTimeMilliseconds());
        _insert.BindBlob(3, resident);
        BindText(4, visit.VenueId, scratch);
        BindText(5, visit.Device, scratch);
        _insert.BindInt64(6, unchecked((long)visit.Content));
        _insert.BindInt64(7, (long)visit.Reasons);
        _insert.BindInt64(8, (long)visit.Colour);
        _insert.BindBlob(9, StateBytes.Write(visit.Test));
        BindText(10, visit.Name, scratch);
        _insert.Run();
        return _database.Changes > 0;
    }

    /// <summary>The row of an id.</summary>
    internal Visit? Find(in VisitKey key)
    {
        Bind(_find, key);
        try
        {
            return _find.Step() ? Read(_find) : null;
        }
        finally
        {
            _find.Reset();
        }
    }

    /// <summary>Deletes the first <paramref name="rows"/> rows.</summary>
    /// <returns>The number of rows deleted.</returns>
    internal int Thin(int rows)
    {
        _thin.BindInt64(1, rows);
        _thin.Run();
        return _database.Changes;
    }

    /// <summary>Reads the visit from the current row of a statement with <see cref="Columns"/>.</summary>
    internal static Visit Read(SqliteStatement row) =>
        new(
            VisitKey.Format(row.IsText(0), row.Bytes(0)),
            row.Text(3),
            row.Text(4),
            new Guid(row.Bytes(2), bigEndian: true),
            unchecked((ulong)row.Int64(5)),
            (RefusalReasons)row.Int64(6),
            (CodeColour)row.Int64(7),
            StateBytes.Decode<TestView>(row.Bytes(8)),
            row.Text(9),
            DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(1))
        );

    /// <summary>Maximum bytes of one text of a visit.</summary>
    internal static int MaxTextBytes(Visit visit) =>
        Encoding.UTF8.GetMaxByteCount(Math.Max(visit.VenueId.Length, Math.Max(visit.Device.Length, visit.Name.Length)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _insert.Dispose();
        _find.Dispose();
        _thin.Dispose();
    }

    private static void Bind(SqliteStatement statement, in VisitKey key)
    {
        if (key.IsText)
            statement.BindText(1, key.Bytes);
        else
            statement.BindBlob(1, key.Bytes);
    }

    private void BindText(int index, string text, byte[] scratch) =>
        _insert.BindText(index, scratch.AsSpan(0, Encoding.UTF8.GetBytes(text, scratch)));
}
