namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// An operating-system lock on the store's folder: a second writing process is rejected. The system releases it when
/// the process ends, for any reason.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private const string FileName = "owner.lock";

    // Error codes of a lock held by another process: errno on Linux and macOS, HRESULT on Windows.
    private static readonly int[] HeldByAnother = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private OwnerLock(FileStream file) => _file = file;

    /// <exception cref="StoreException">Another process holds the lock, or the folder can't be written.</exception>
    internal static OwnerLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return new OwnerLock(new FileStream(path, OwnerOnly.Options(FileMode.OpenOrCreate)));
        }
        catch (IOException exception) when (HeldByAnother.Contains(exception.HResult))
        {
            throw new StoreException(StoreErrorCodes.InUse, $"{folder} is written by another process.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"{folder} can't be written ({exception.Message}); the store needs a folder that it may write.",
                exception
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
