using System.Security.Cryptography;
using Grid.Silo.Commands;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Backup;

/// <summary>Checks a backup against its manifest, and the files of a store for consistency.</summary>
internal static class StoreVerify
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Checks that every file of a backup exists and has its recorded checksum.</summary>
    /// <exception cref="StoreException">A file is missing or changed.</exception>
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
                    $"{path} was changed: its checksum differs from the manifest's."
                );
        }
    }

    /// <summary>Checks a backup: its files, their integrity as SQLite databases, and the recorded row counts.</summary>
    /// <exception cref="StoreException">The backup is damaged.</exception>
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
                    $"{file.Name} has other rows than the manifest counts."
                );
            all.AddRange(tables);
        }

        return TableCount.Sum(all);
    }

    /// <summary>Checks the store of a data folder; silos may write meanwhile.</summary>
    /// <exception cref="StoreException">There is no store, or it is damaged.</exception>
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
            using var database = new SqliteDatabase(path, readOnly: false, BusyTimeout);
            var version = database.Scalar("PRAGMA user_version");
            if (version > SqliteSchema.Current.Version)
                throw StoreLayout.NewerSchema(path, version, SqliteSchema.Current.Version);
            database.Execute("BEGIN");
            var found = database.Texts("PRAGMA integrity_check(1)");
            if (found is not ["ok"])
                throw new StoreException(StoreErrorCodes.Damaged, $"{path} is damaged: {string.Join(' ', found)}");
            return TableCount.All(database);
        }
        catch (SqliteException exception)
        {
            throw new StoreException(StoreErrorCodes.Damaged, $"{path} can't be read: {exception.Message}", exception);
        }
    }
}
