using System.Security.Cryptography;
using Grid.Silo.Commands;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Backup;

/// <summary>Checks a backup against its manifest, and the files of a store within themselves.</summary>
internal static class StoreVerify
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Checks that every file of a backup is there and has the bytes that were written.</summary>
    /// <exception cref="StoreException">One is missing or has other bytes.</exception>
    internal static void Files(string backup, BackupManifest manifest, Action<string, long, long>? progress)
    {
        foreach (var (number, file) in manifest.Files.Index())
        {
            progress?.Invoke("files checked", number, manifest.Files.Count);
            var path = Path.Combine(backup, BackupManifest.StoreFolder, file.Name);
            if (!File.Exists(path))
                throw new StoreException(StoreErrorCodes.Damaged, $"{path} is missing from the backup.");
            using var stream = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                bufferSize: 1 << 20
            );
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != file.Sha256)
                throw new StoreException(
                    StoreErrorCodes.Damaged,
                    $"{path} is not what was written: its checksum is another."
                );
        }
    }

    /// <summary>Checks a backup: its files, what SQLite finds in them, and that their tables hold what was counted.</summary>
    /// <exception cref="StoreException">Something is not as it was written.</exception>
    internal static IReadOnlyList<TableCount> Backup(string backup, Action<string, long, long>? progress = null)
    {
        var manifest = BackupManifest.Read(backup);
        Files(backup, manifest, progress);
        var all = new List<TableCount>();
        foreach (var (number, file) in manifest.Files.Index())
        {
            progress?.Invoke("databases checked", number, manifest.Files.Count);
            var tables = Tables(Path.Combine(backup, BackupManifest.StoreFolder, file.Name));
            if (!tables.SequenceEqual(file.Tables))
                throw new StoreException(
                    StoreErrorCodes.Damaged,
                    $"{file.Name} holds other rows than were counted when it was copied."
                );
            all.AddRange(tables);
        }

        return TableCount.Sum(all);
    }

    /// <summary>Checks the store of a data folder, also while its owners write.</summary>
    /// <exception cref="StoreException">There is none, or it is damaged.</exception>
    internal static IReadOnlyList<TableCount> Store(string dataFolder, Action<string, long, long>? progress = null)
    {
        var folder = Path.Combine(dataFolder, BackupManifest.StoreFolder);
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "grid-*.db") : [];
        if (files.Length == 0)
            throw new StoreException(StoreErrorCodes.Invalid, $"{folder} has no store.");
        var tables = new List<TableCount>();
        foreach (var (number, path) in files.Order(StringComparer.Ordinal).Index())
        {
            progress?.Invoke("databases checked", number, files.Length);
            tables.AddRange(Tables(path));
        }
        return TableCount.Sum(tables);
    }

    private static List<TableCount> Tables(string path)
    {
        try
        {
            using var database = new SqliteDatabase(path, readOnly: false, Patience);
            var version = database.Scalar("PRAGMA user_version");
            if (version > SqliteSchema.Current.Version)
                throw StoreLayout.NewerSchema(path, version, SqliteSchema.Current.Version);
            database.Execute("BEGIN");
            var found = database.Texts("PRAGMA integrity_check(1)");
            if (found is not ["ok"])
                throw new StoreException(StoreErrorCodes.Damaged, $"{path} is damaged: {string.Join(' ', found)}");
            return TableCount.All(database);
        }
        catch (SqliteException fault)
        {
            throw new StoreException(StoreErrorCodes.Damaged, $"{path} can't be read: {fault.Message}", fault);
        }
    }
}
