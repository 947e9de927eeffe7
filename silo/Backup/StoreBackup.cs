using System.Security.Cryptography;
using Grid.Silo.Commands;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Backup;

/// <summary>
/// Copies the store of a data folder while silos write. All writers are paused between two commits for a few
/// milliseconds, so that the copies show one moment; the copying itself runs beside them.
/// </summary>
internal static class StoreBackup
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);

    /// <param name="dataFolder">The folder whose store and keys are copied.</param>
    /// <param name="target">A folder that is empty or missing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="progress">Called with the step, the amount done and the total.</param>
    /// <exception cref="StoreException">There is no store, or the target is not empty.</exception>
    /// <exception cref="IOException">A file can't be copied.</exception>
    internal static BackupManifest Take(
        string dataFolder,
        string target,
        TimeProvider time,
        Action<string, long, long>? progress = null
    )
    {
        var source = Path.Combine(dataFolder, BackupManifest.StoreFolder);
        if (!File.Exists(Path.Combine(source, SqliteManifest.FileName)))
            throw new StoreException(StoreErrorCodes.Invalid, $"{source} has no store.");
        EnsureEmpty(target);
        OwnerOnly.MakeFolder(target);
        var store = Path.Combine(target, BackupManifest.StoreFolder);
        OwnerOnly.MakeFolder(store);
        var manifest = SqliteManifest.Read(source);
        var paths = Enumerable
            .Range(0, manifest.Files)
            .Select(number => Path.Combine(source, $"grid-{number:00}.db"))
            .ToArray();
        if (paths.FirstOrDefault(static path => !File.Exists(path)) is { } missing)
            throw new StoreException(StoreErrorCodes.Invalid, $"{missing} is missing.");
        var sources = new List<SqliteDatabase>();
        try
        {
            var takenAt = Freeze(paths, sources, time);
            var files = new List<BackupFile>();
            for (var number = 0; number < paths.Length; number++)
                files.Add(Copy(sources[number], Path.Combine(store, Path.GetFileName(paths[number])), progress));
            File.Copy(Path.Combine(source, SqliteManifest.FileName), Path.Combine(store, SqliteManifest.FileName));
            CopyKeys(
                Path.Combine(dataFolder, BackupManifest.KeysFolder),
                Path.Combine(target, BackupManifest.KeysFolder)
            );
            var backup = new BackupManifest(BackupManifest.FormatNow, takenAt, manifest.PageBytes, files);
            backup.Write(target);
            return backup;
        }
        catch (SqliteException exception)
        {
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"{source} can't be copied: {exception.Message}",
                exception
            );
        }
        finally
        {
            sources.ForEach(static database => database.Dispose());
        }
    }

    /// <exception cref="StoreException">The folder is not empty.</exception>
    internal static void EnsureEmpty(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new StoreException(StoreErrorCodes.Invalid, $"{folder} is not empty; nothing was written to it.");
    }

    /// <summary>Copies the key ring, if there is one: without it the copy's profiles can't be opened.</summary>
    internal static void CopyKeys(string from, string to)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var ring = Path.Combine(from, "ring.json");
        if (!File.Exists(ring))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(to);
        else
            Directory.CreateDirectory(to, OwnerOnly);
        // The copy keeps the permissions: owner only.
        File.Copy(ring, Path.Combine(to, "ring.json"), overwrite: true);
    }

    // Pauses every file between two commits: the copy has no result without its effects, and no effect without its
    // result.
    private static DateTimeOffset Freeze(string[] paths, List<SqliteDatabase> sources, TimeProvider time)
    {
        var locks = new List<SqliteDatabase>();
        try
        {
            foreach (var path in paths)
            {
                sources.Add(new SqliteDatabase(path, readOnly: false, BusyTimeout));
                locks.Add(new SqliteDatabase(path, readOnly: false, BusyTimeout));
                // The first use of a connection reads the schema: do that before the writers wait.
                sources[^1].Scalar("SELECT number FROM grid_store");
                locks[^1].Scalar("SELECT number FROM grid_store");
            }

            // Lock in file order, as every backup does: two backups never deadlock.
            locks.ForEach(static database => database.Execute("BEGIN IMMEDIATE"));
            foreach (var database in sources)
            {
                database.Execute("BEGIN");
                database.Scalar("SELECT number FROM grid_store");
            }

            return time.GetUtcNow();
        }
        finally
        {
            locks.ForEach(static database => database.Dispose());
        }
    }

    private static BackupFile Copy(SqliteDatabase source, string path, Action<string, long, long>? progress)
    {
        OwnerOnly.Protect(path, mayCreate: true);
        using (var target = new SqliteDatabase(path, readOnly: false, BusyTimeout, mayCreate: true))
            source.CopyTo(target, (done, pages) => progress?.Invoke($"pages of {Path.GetFileName(path)}", done, pages));
        var tables = TableCount.All(source);
        source.Execute("COMMIT");
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 20);
        var sum = Convert.ToHexStringLower(SHA256.HashData(file));
        file.Flush(flushToDisk: true);
        return new BackupFile(Path.GetFileName(path), file.Length, sum, tables);
    }
}
