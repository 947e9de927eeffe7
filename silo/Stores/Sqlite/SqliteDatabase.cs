using System.Text;
using SQLitePCL;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>A connection to a file, used by one thread at a time.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    // A few milliseconds of work.
    private const int PagesPerStep = 8_192;

    private const uint PreparePersistent = 1;
    private const int ConfigMemoryStatus = 9;
    private const int StatusPagesWritten = 9;

    // Only possible before SQLite's first use in the process. If it fails, SQLite counts memory under a lock, which is
    // harmless.
    private static readonly Lazy<bool> Started = new(static () =>
    {
        Batteries_V2.Init();
        raw.sqlite3_config(ConfigMemoryStatus, 0);
        return raw.sqlite3_initialize() == raw.SQLITE_OK;
    });

    private readonly sqlite3 _handle;

    /// <exception cref="SqliteException">The file can't be opened.</exception>
    internal SqliteDatabase(string path, bool readOnly, TimeSpan busyTimeout, bool mayCreate = false)
    {
        _ = Started.Value;
        var mode = readOnly
            ? raw.SQLITE_OPEN_READONLY
            : raw.SQLITE_OPEN_READWRITE | (mayCreate ? raw.SQLITE_OPEN_CREATE : 0);
        // One thread at a time uses a connection, so SQLite need not lock.
        var result = raw.sqlite3_open_v2(path, out _handle, mode | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            Check(result);
            Check(raw.sqlite3_busy_timeout(_handle, (int)busyTimeout.TotalMilliseconds));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Rows changed by the last statement.</summary>
    internal int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Whether a transaction is open.</summary>
    internal bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Pages that this connection has written to the log since the last <see cref="Checkpoint"/>.</summary>
    internal int PagesWritten
    {
        get
        {
            raw.sqlite3_db_status(_handle, StatusPagesWritten, out var pages, out _, 0);
            return pages;
        }
    }

    /// <summary>Copies pages from the log to the file as far as possible without waiting.</summary>
    internal void Checkpoint()
    {
        Check(raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _));
        raw.sqlite3_db_status(_handle, StatusPagesWritten, out _, out _, 1);
    }

    /// <summary>Prepares a long-lived statement.</summary>
    internal SqliteStatement Prepare(string sql)
    {
        Check(
            raw.sqlite3_prepare_v3(_handle, Encoding.UTF8.GetBytes(sql), PreparePersistent, out var statement, out _)
        );
        return new SqliteStatement(this, statement);
    }

    /// <summary>Runs statements separated by semicolons; ignores their rows.</summary>
    internal void Execute(string sql)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(sql);
        while (!rest.IsEmpty)
        {
            Check(raw.sqlite3_prepare_v3(_handle, rest, 0, out var statement, out rest));
            using var prepared = new SqliteStatement(this, statement);
            // The rest may be blank or a comment.
            while (!statement.IsInvalid && prepared.Step()) { }
        }
    }

    /// <summary>The first column of the first row as a number; 0 if there is no row.</summary>
    internal long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Copies all pages to another file, as of the open transaction.</summary>
    /// <param name="target">An empty database.</param>
    /// <param name="progress">Called after each step with the pages copied and the total.</param>
    internal void CopyTo(SqliteDatabase target, Action<long, long>? progress = null)
    {
        using var backup = raw.sqlite3_backup_init(target._handle, "main", _handle, "main");
        if (backup is null || backup.IsInvalid)
            throw target.Failure(raw.SQLITE_ERROR);
        int result;
        do
        {
            result = raw.sqlite3_backup_step(backup, PagesPerStep);
            target.Check(result);
            var pages = raw.sqlite3_backup_pagecount(backup);
            progress?.Invoke(pages - raw.sqlite3_backup_remaining(backup), pages);
        } while (result != raw.SQLITE_DONE);
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
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Failure(result);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();

    private SqliteException Failure(int result)
    {
        if (_handle is null || _handle.IsInvalid)
            return new SqliteException(result, "no connection");
        var extended = raw.sqlite3_extended_errcode(_handle);
        var message = raw.sqlite3_errmsg(_handle).utf8_to_string() ?? "";
        return new SqliteException((extended & 0xFF) == (result & 0xFF) ? extended : result, message);
    }
}
