using SQLitePCL;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>An error reported by SQLite.</summary>
internal sealed class SqliteException(int code, string message) : Exception($"SQLite {code}: {message}")
{
    private const int PrimaryMask = 0xFF;

    /// <summary>The primary result code.</summary>
    internal int Code { get; } = code & PrimaryMask;

    /// <summary>Whether the file is corrupt.</summary>
    internal bool IsDamage => Code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>
    /// Whether a full disk may be the cause: SQLite reports other codes for it while it opens a file.
    /// </summary>
    internal bool MayBeForWantOfRoom => Code is raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN;

    /// <summary>
    /// Whether the connection can't be trusted any more: only reopening the file decides the outcome of an interrupted
    /// commit.
    /// </summary>
    internal bool NeedsReopening =>
        Code
            is raw.SQLITE_IOERR
                or raw.SQLITE_CORRUPT
                or raw.SQLITE_NOTADB
                or raw.SQLITE_CANTOPEN
                or raw.SQLITE_READONLY;

    /// <summary>Whether the whole transaction has failed, not a single row.</summary>
    internal bool IsOfTheFile => NeedsReopening || Code is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_NOMEM;
}
