using SQLitePCL;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>SQLite answered with an error.</summary>
internal sealed class SqliteException(int code, string message) : Exception($"SQLite {code}: {message}")
{
    private const int PrimaryMask = 0xFF;

    /// <summary>The primary result code.</summary>
    internal int Code { get; } = code & PrimaryMask;

    /// <summary>True when the file is not what was written to it.</summary>
    internal bool IsDamage => Code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>True when it can be that the disk is full: SQLite has other words for it while it opens a file.</summary>
    internal bool MayBeForWantOfRoom => Code is raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN;

    /// <summary>
    /// True when the connection can't be trusted any more: the outcome of an interrupted commit is decided by opening the
    /// file again.
    /// </summary>
    internal bool NeedsReopening =>
        Code
            is raw.SQLITE_IOERR
                or raw.SQLITE_CORRUPT
                or raw.SQLITE_NOTADB
                or raw.SQLITE_CANTOPEN
                or raw.SQLITE_READONLY;

    /// <summary>True when no statement would do better: the whole transaction has failed, not one row of it.</summary>
    internal bool IsOfTheFile => NeedsReopening || Code is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_NOMEM;
}
