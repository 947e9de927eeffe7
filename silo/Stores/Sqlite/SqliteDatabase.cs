using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>One connection to one file, for one thread at a time.</summary>
internal sealed unsafe class SqliteDatabase : IDisposable
{
    private nint _handle;
    private int* _walFrames;

    /// <exception cref="SqliteException">The file can't be opened.</exception>
    internal SqliteDatabase(string path, bool readOnly, TimeSpan busyTimeout, bool mayCreate = false)
    {
        SqliteLibrary.Start();
        var mode = readOnly
            ? SqliteLibrary.OpenReadOnly
            : SqliteLibrary.OpenReadWrite | (mayCreate ? SqliteLibrary.OpenCreate : 0);
        var result = SqliteLibrary.Open(path, out _handle, mode | SqliteLibrary.OpenNoMutex, null);
        try
        {
            Check(result);
            Check(SqliteLibrary.SetBusyTimeout(_handle, (int)busyTimeout.TotalMilliseconds));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Frames in the write-ahead log after the last commit; needs <see cref="WatchWal"/>.</summary>
    internal int WalFrames => _walFrames is null ? 0 : *_walFrames;

    /// <summary>Rows changed by the statement that ran last.</summary>
    internal int Changes => SqliteLibrary.Changes(_handle);

    /// <summary>Whether a transaction is open.</summary>
    internal bool InTransaction => SqliteLibrary.IsAutoCommit(_handle) == 0;

    /// <summary>Counts the frames of the write-ahead log from now on, instead of checkpoints that SQLite starts itself.</summary>
    internal void WatchWal()
    {
        _walFrames = (int*)NativeMemory.AllocZeroed(sizeof(int));
        SqliteLibrary.SetWalHook(_handle, &NoteWalFrames, _walFrames);
    }

    /// <summary>Copies what it can from the log to the file without waiting for anyone.</summary>
    internal void Checkpoint()
    {
        Check(SqliteLibrary.Checkpoint(_handle, null, SqliteLibrary.CheckpointPassive, null, null));
        if (_walFrames is not null)
            *_walFrames = 0;
    }

    /// <summary>Prepares one statement that is kept for long.</summary>
    internal SqliteStatement Prepare(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* text = bytes)
        {
            Check(SqliteLibrary.Prepare(
                _handle, text, bytes.Length, SqliteLibrary.PreparePersistent, out var statement, out _));
            return new SqliteStatement(this, statement);
        }
    }

    /// <summary>Runs statements, separated by semicolons; rows are passed over.</summary>
    internal void Execute(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* text = bytes)
        {
            var next = text;
            var end = text + bytes.Length;
            while (next < end)
            {
                Check(SqliteLibrary.Prepare(_handle, next, (int)(end - next), 0, out var statement, out next));
                if (statement == 0)
                    continue;
                using var prepared = new SqliteStatement(this, statement);
                while (prepared.Step())
                {
                }
            }
        }
    }

    /// <summary>The first column of the first row as a number; 0 when there is none.</summary>
    internal long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Copies all pages to another file, as they stand in the transaction that is open here.</summary>
    internal void CopyTo(SqliteDatabase target)
    {
        var backup = SqliteLibrary.BackupInit(target._handle, "main", _handle, "main");
        if (backup == 0)
            throw target.Fault(SqliteLibrary.Error);
        var result = SqliteLibrary.BackupStep(backup, pages: -1);
        SqliteLibrary.BackupFinish(backup);
        target.Check(result);
    }

    /// <summary>The first column of all rows as text.</summary>
    internal List<string> Texts(string sql)
    {
        var texts = new List<string>();
        using var statement = Prepare(sql);
        while (statement.Step())
            texts.Add(statement.Text(0));
        return texts;
    }

    internal void Check(int result)
    {
        if (result is not (SqliteLibrary.Ok or SqliteLibrary.Row or SqliteLibrary.Done))
            throw Fault(result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
            SqliteLibrary.Close(_handle);
        _handle = 0;
        NativeMemory.Free(_walFrames);
        _walFrames = null;
    }

    private SqliteException Fault(int result)
    {
        if (_handle == 0)
            return new SqliteException(result, "no connection");
        var extended = SqliteLibrary.ExtendedErrorCode(_handle);
        var message = Marshal.PtrToStringUTF8((nint)SqliteLibrary.ErrorMessage(_handle)) ?? "";
        return new SqliteException((extended & 0xFF) == (result & 0xFF) ? extended : result, message);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NoteWalFrames(void* context, nint database, byte* schema, int frames)
    {
        *(int*)context = frames;
        return SqliteLibrary.Ok;
    }
}
