using Grid.Silo.Stores;
using Grid.Silo.Stores.Archive;

namespace Grid.Silo.Backup;

/// <summary>Makes a data folder of a backup and, to come to a later moment, of the archive.</summary>
internal static class StoreRestore
{
    /// <param name="backup">The folder of the backup; it is checked first.</param>
    /// <param name="archive">The archive; null to come to the moment of the backup.</param>
    /// <param name="to">The moment; null for the last that the archive has of all files.</param>
    /// <param name="dataFolder">A folder that is empty or missing.</param>
    /// <returns>The moment that the folder shows: the end of a step of the archive, or that of the backup.</returns>
    /// <exception cref="StoreException">
    /// The backup is damaged, the moment is before it, or the archive has a gap: nothing was made.
    /// </exception>
    internal static DateTimeOffset Run(string backup, string? archive, DateTimeOffset? to, string dataFolder)
    {
        var manifest = BackupManifest.Read(backup);
        StoreVerify.Files(backup, manifest);
        StoreBackup.EnsureEmpty(dataFolder);
        var cut = Cut(manifest, archive, to);
        var shown = archive is null ? manifest.TakenAt : manifest.Files.Max(file => Check(manifest, file, archive, cut));
        var store = Directory.CreateDirectory(Path.Combine(dataFolder, BackupManifest.StoreFolder)).FullName;
        foreach (var file in manifest.Files)
        {
            var path = Path.Combine(store, file.Name);
            File.Copy(Path.Combine(backup, BackupManifest.StoreFolder, file.Name), path);
            if (archive is not null)
                Apply(manifest, file, archive, cut, path);
        }

        // Last: a folder without its manifest is no store.
        File.Copy(
            Path.Combine(backup, BackupManifest.StoreFolder, StoreManifest.FileName), Path.Combine(store, StoreManifest.FileName));
        foreach (var source in archive is null ? [backup] : new[] { backup, archive })
            StoreBackup.CopyKeys(Path.Combine(source, BackupManifest.KeysFolder), Path.Combine(dataFolder, BackupManifest.KeysFolder));
        return shown;
    }

    private static DateTimeOffset Cut(BackupManifest manifest, string? archive, DateTimeOffset? to)
    {
        if (to < manifest.TakenAt)
            throw new StoreException(
                StoreFaults.Invalid, $"The backup is of {manifest.TakenAt:O}, which is after {to:O}; take an earlier one.");
        if (archive is null)
        {
            return to is null
                ? manifest.TakenAt
                : throw new StoreException(StoreFaults.Invalid, "A moment after the backup needs the archive: name it with --archive.");
        }

        // All files to one moment: that of the file which is furthest behind.
        var complete = manifest.Files.Min(file => Segments(archive, file).CompleteUntil());
        if (complete == DateTimeOffset.MinValue)
            throw new StoreException(StoreFaults.Invalid, $"{archive} has no archive of all files of the backup.");
        return to is { } moment && moment < complete ? moment : complete;
    }

    // Walks the records without keeping them, so that nothing is made of an archive that has a gap.
    private static DateTimeOffset Check(BackupManifest manifest, BackupFile file, string archive, DateTimeOffset cut)
    {
        var shown = manifest.TakenAt;
        (long Session, long Sequence)? before = null;
        foreach (var record in Segments(archive, file).Records(file.Session, manifest.PageBytes))
        {
            if (record.End > manifest.TakenAt)
            {
                if (record.End > cut)
                    break;
                if (!Follows(record, before, file.Session))
                    throw new StoreException(
                        StoreFaults.Invalid,
                        $"The archive of {file.Name} has a gap before {record.End:O}; an earlier moment or a later backup can be restored.");
                shown = record.End;
            }

            before = (record.Session, record.Sequence);
        }

        return shown;
    }

    private static bool Follows(ArchiveRecord record, (long Session, long Sequence)? before, long first) => before is { } last
        ? record.Session == last.Session ? record.Sequence == last.Sequence + 1 : record.Session == last.Session + 1 && record.Sequence == 0
        : record.Session <= first + 1 && record.Sequence == 0;

    private static void Apply(BackupManifest manifest, BackupFile file, string archive, DateTimeOffset cut, string path)
    {
        using var target = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        foreach (var record in Segments(archive, file).Records(file.Session, manifest.PageBytes))
        {
            // Before the backup: it has that. The step in which it was taken is written once more, as a whole.
            if (record.End <= manifest.TakenAt || record.Pages.Count == 0)
                continue;
            if (record.End > cut)
                break;
            foreach (var (page, bytes) in record.Pages)
                RandomAccess.Write(target, bytes, (page - 1L) * manifest.PageBytes);
            RandomAccess.SetLength(target, (long)record.FilePages * manifest.PageBytes);
        }

        RandomAccess.FlushToDisk(target);
    }

    private static ArchiveSegments Segments(string archive, BackupFile file) => new(WalArchive.FolderOf(archive, file.Name));
}
