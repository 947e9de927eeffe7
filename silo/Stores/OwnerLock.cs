namespace Grid.Silo.Stores;

/// <summary>
/// A lock of the operating system beside a file, so that a second process that would write it is refused. The system lets it
/// go when the process dies, however it dies. The silos of a cluster share it: among them, epochs say who may write.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private readonly FileStream _file;

    private OwnerLock(FileStream file) => _file = file;

    /// <exception cref="StoreException">Another process has it.</exception>
    internal static OwnerLock Take(string path, bool isShared = false)
    {
        var lockPath = path + ".lock";
        try
        {
            return new OwnerLock(new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, isShared ? FileShare.ReadWrite : FileShare.None));
        }
        catch (IOException fault) when (File.Exists(lockPath))
        {
            throw new StoreException(StoreFaults.InUse, $"{path} is written by another process.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFaults.Unavailable, $"{lockPath} can't be made.", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
