using System.Runtime.InteropServices;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The calls of SQLite's C interface that the store uses. Declared here rather than taken from a wrapper: a commit binds
/// several thousand values, and a plain pointer call without a transition of the collector costs a tenth of one through
/// safe handles.
/// </summary>
internal static unsafe partial class SqliteLibrary
{
    internal const int Ok = 0;
    internal const int Error = 1;
    internal const int Busy = 5;
    internal const int NoMemory = 7;
    internal const int ReadOnlyFile = 8;
    internal const int InputOutput = 10;
    internal const int Corrupt = 11;
    internal const int Full = 13;
    internal const int CannotOpen = 14;
    internal const int Constraint = 19;
    internal const int NotADatabase = 26;
    internal const int Row = 100;
    internal const int Done = 101;

    internal const int OpenReadOnly = 0x1;
    internal const int OpenReadWrite = 0x2;
    internal const int OpenCreate = 0x4;

    // A connection is used by one thread at a time, so SQLite need not lock.
    internal const int OpenNoMutex = 0x8000;

    internal const int PreparePersistent = 1;
    internal const int TypeNull = 5;
    internal const int TypeText = 3;
    internal const int CheckpointPassive = 0;

    private const string Library = "e_sqlite3";
    private const int ConfigMemoryStatus = 9;

    /// <summary>Loads the library; statistics of memory, kept under a lock, are switched off. May be called again.</summary>
    internal static void Start()
    {
        SQLitePCL.Batteries_V2.Init();
        _ = Configured.Value;
    }

    private static readonly Lazy<int> Configured = new(() =>
    {
        // Only possible before the first use in the process; when somebody was earlier, memory is counted, no harm.
        var result = SQLitePCL.raw.sqlite3_config(ConfigMemoryStatus, 0);
        SQLitePCL.raw.sqlite3_initialize();
        return result;
    });

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, out nint database, int flags, string? vfs);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    internal static partial int Close(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_timeout")]
    internal static partial int SetBusyTimeout(nint database, int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v3")]
    internal static partial int Prepare(nint database, byte* sql, int bytes, uint flags, out nint statement, out byte* tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    internal static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    internal static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    internal static partial int Finalize(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    [SuppressGCTransition]
    internal static partial int BindBlob(nint statement, int index, byte* value, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    [SuppressGCTransition]
    internal static partial int BindText(nint statement, int index, byte* value, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    [SuppressGCTransition]
    internal static partial int BindInt64(nint statement, int index, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    [SuppressGCTransition]
    internal static partial int BindNull(nint statement, int index);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    [SuppressGCTransition]
    internal static partial int ColumnType(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    internal static partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    internal static partial int ColumnBytes(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    [SuppressGCTransition]
    internal static partial long ColumnInt64(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_changes")]
    [SuppressGCTransition]
    internal static partial int Changes(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_get_autocommit")]
    [SuppressGCTransition]
    internal static partial int IsAutoCommit(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    internal static partial byte* ErrorMessage(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_errcode")]
    internal static partial int ExtendedErrorCode(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_init", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint BackupInit(nint target, string targetName, nint source, string sourceName);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_step")]
    internal static partial int BackupStep(nint backup, int pages);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_finish")]
    internal static partial int BackupFinish(nint backup);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_hook")]
    internal static partial nint SetWalHook(nint database, delegate* unmanaged[Cdecl]<void*, nint, byte*, int, int> hook, void* context);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_checkpoint_v2")]
    internal static partial int Checkpoint(nint database, byte* schema, int mode, int* logFrames, int* checkpointedFrames);
}
