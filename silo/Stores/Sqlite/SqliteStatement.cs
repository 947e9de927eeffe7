using System.Text;
using SQLitePCL;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>A prepared statement. Bound bytes are copied.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    /// <summary>Binds bytes. An empty value is an empty blob, not null.</summary>
    internal void BindBlob(int index, ReadOnlySpan<byte> value) =>
        database.Check(raw.sqlite3_bind_blob(handle, index, value));

    /// <summary>Binds UTF-8.</summary>
    internal void BindText(int index, ReadOnlySpan<byte> value) =>
        // An empty span has no address and would bind NULL.
        database.Check(
            value.IsEmpty ? raw.sqlite3_bind_text(handle, index, "") : raw.sqlite3_bind_text(handle, index, value)
        );

    /// <summary>Binds a number.</summary>
    internal void BindInt64(int index, long value) => raw.sqlite3_bind_int64(handle, index, value);

    /// <summary>Binds NULL.</summary>
    internal void BindNull(int index) => raw.sqlite3_bind_null(handle, index);

    /// <summary>Moves to the next row; false at the end.</summary>
    internal bool Step()
    {
        var result = raw.sqlite3_step(handle);
        if (result == raw.SQLITE_ROW)
            return true;
        if (result != raw.SQLITE_DONE)
            database.Check(result);
        return false;
    }

    /// <summary>Runs the statement to the end and resets it.</summary>
    internal void Run()
    {
        try
        {
            while (Step()) { }
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Resets for the next run. <see cref="Step"/> has already reported any error.</summary>
    internal void Reset() => raw.sqlite3_reset(handle);

    internal long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    internal bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    internal bool IsText(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_TEXT;

    /// <summary>The bytes of a blob or text, valid until the next step or reset.</summary>
    internal ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    internal string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
