using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Backup;

/// <summary>Makes a data folder of a backup.</summary>
internal static class StoreRestore
{
    /// <param name="backup">The folder of the backup; it is checked first.</param>
    /// <param name="dataFolder">A folder that is empty or missing.</param>
    /// <returns>The moment that the folder shows: that of the backup.</returns>
    /// <exception cref="StoreException">The backup is damaged or the folder is not empty: nothing was made.</exception>
    internal static DateTimeOffset Run(string backup, string dataFolder)
    {
        var manifest = BackupManifest.Read(backup);
        StoreVerify.Files(backup, manifest);
        StoreBackup.EnsureEmpty(dataFolder);
        var store = Path.Combine(dataFolder, BackupManifest.StoreFolder);
        OwnerOnly.MakeFolder(store);
        // The manifest last: a folder without it is no store.
        foreach (var name in manifest.Files.Select(static file => file.Name).Append(SqliteManifest.FileName))
            File.Copy(Path.Combine(backup, BackupManifest.StoreFolder, name), Path.Combine(store, name));
        StoreBackup.CopyKeys(
            Path.Combine(backup, BackupManifest.KeysFolder), Path.Combine(dataFolder, BackupManifest.KeysFolder));
        return manifest.TakenAt;
    }
}
