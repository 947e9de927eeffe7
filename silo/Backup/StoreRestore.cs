using Grid.Silo.Commands;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Backup;

/// <summary>Creates a data folder from a backup.</summary>
internal static class StoreRestore
{
    /// <param name="backup">The backup's folder; it is verified first.</param>
    /// <param name="dataFolder">A folder that is empty or missing.</param>
    /// <param name="progress">Called with the step, the amount done and the total.</param>
    /// <returns>The time that the folder represents: that of the backup.</returns>
    /// <exception cref="StoreException">
    /// The backup is damaged or the folder is not empty; nothing was created.
    /// </exception>
    internal static DateTimeOffset Run(string backup, string dataFolder, Action<string, long, long>? progress = null)
    {
        var manifest = BackupManifest.Read(backup);
        StoreVerify.Files(backup, manifest, progress);
        StoreBackup.EnsureEmpty(dataFolder);
        var store = Path.Combine(dataFolder, BackupManifest.StoreFolder);
        OwnerOnly.MakeFolder(store);
        // Copy the manifest last: a folder without it is not a store.
        string[] names = [.. manifest.Files.Select(static file => file.Name), SqliteManifest.FileName];
        for (var done = 0; done < names.Length; done++)
        {
            progress?.Invoke("files restored", done, names.Length);
            File.Copy(Path.Combine(backup, BackupManifest.StoreFolder, names[done]), Path.Combine(store, names[done]));
        }
        StoreBackup.CopyKeys(
            Path.Combine(backup, BackupManifest.KeysFolder),
            Path.Combine(dataFolder, BackupManifest.KeysFolder)
        );
        return manifest.TakenAt;
    }
}
