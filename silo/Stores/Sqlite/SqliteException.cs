namespace Grid.Silo.Stores.Sqlite;

/// <summary>SQLite answered with an error.</summary>
internal sealed class SqliteException(int code, string message) : Exception($"SQLite {code}: {message}")
{
    private const int PrimaryMask = 0xFF;

    /// <summary>The primary result code.</summary>
    internal int Code { get; } = code & PrimaryMask;

    /// <summary>
    /// True when the connection can't be trusted any more: the outcome of an interrupted commit is decided by opening the
    /// file again.
    /// </summary>
    internal bool NeedsReopening => Code is SqliteLibrary.InputOutput or SqliteLibrary.Corrupt
        or SqliteLibrary.NotADatabase or SqliteLibrary.CannotOpen or SqliteLibrary.ReadOnlyFile;

    /// <summary>True when no statement would do better: the whole transaction has failed, not one row of it.</summary>
    internal bool IsOfTheFile => NeedsReopening || Code is SqliteLibrary.Full or SqliteLibrary.Busy or SqliteLibrary.NoMemory;
}
