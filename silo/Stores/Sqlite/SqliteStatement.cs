namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// A prepared statement. Bound bytes are not copied: they must stay where they are (pinned) until the statement is reset.
/// </summary>
internal sealed unsafe class SqliteStatement(SqliteDatabase database, nint handle) : IDisposable
{
    private nint _handle = handle;

    /// <summary>Binds bytes that are pinned until the reset. An empty value is an empty blob, not null.</summary>
    internal void BindBlob(int index, byte* pinned, int length)
    {
        // A null pointer would bind NULL.
        byte empty = 0;
        SqliteLibrary.BindBlob(_handle, index, length == 0 ? &empty : pinned, length, length == 0 ? -1 : 0);
    }

    /// <summary>Binds UTF-8 that is pinned until the reset.</summary>
    internal void BindText(int index, byte* pinned, int length)
    {
        byte empty = 0;
        SqliteLibrary.BindText(_handle, index, length == 0 ? &empty : pinned, length, length == 0 ? -1 : 0);
    }

    /// <summary>Binds a number.</summary>
    internal void BindInt64(int index, long value) => SqliteLibrary.BindInt64(_handle, index, value);

    /// <summary>Binds NULL.</summary>
    internal void BindNull(int index) => SqliteLibrary.BindNull(_handle, index);

    /// <summary>Goes to the next row; false at the end.</summary>
    internal bool Step()
    {
        var result = SqliteLibrary.Step(_handle);
        if (result == SqliteLibrary.Row)
            return true;
        if (result != SqliteLibrary.Done)
            database.Check(result);
        return false;
    }

    /// <summary>Runs to the end, and is ready for the next run.</summary>
    internal void Run()
    {
        try
        {
            while (Step())
            {
            }
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Makes ready for the next run. What it would say was said by <see cref="Step"/> already.</summary>
    internal void Reset() => SqliteLibrary.Reset(_handle);

    internal long Int64(int column) => SqliteLibrary.ColumnInt64(_handle, column);

    internal bool IsNull(int column) => SqliteLibrary.ColumnType(_handle, column) == SqliteLibrary.TypeNull;

    internal bool IsText(int column) => SqliteLibrary.ColumnType(_handle, column) == SqliteLibrary.TypeText;

    /// <summary>The bytes of a blob or text, valid until the next step or reset.</summary>
    internal ReadOnlySpan<byte> Bytes(int column)
    {
        var bytes = SqliteLibrary.ColumnBlob(_handle, column);
        return new ReadOnlySpan<byte>(bytes, SqliteLibrary.ColumnBytes(_handle, column));
    }

    internal string Text(int column) => System.Text.Encoding.UTF8.GetString(Bytes(column));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
            SqliteLibrary.Finalize(_handle);
        _handle = 0;
    }
}
