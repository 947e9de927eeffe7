using System.Runtime.InteropServices;

namespace Grid.Silo.Stores;

/// <summary>
/// Whether somebody holds a file that was opened for himself alone (<see cref="FileShare.None"/>). The framework says so by an
/// exception, which costs more than all the rest of a look at the other silos.
/// </summary>
internal static partial class FileLock
{
    // Of Linux.
    private const int ReadWrite = 2, CloseOnExec = 0x80000;
    private const int Exclusive = 2, NonBlocking = 4;

    /// <summary>True when nobody holds the file: the lock was taken, and let go at once. False too when there is no such file.</summary>
    internal static bool IsFree(string path)
    {
        if (!OperatingSystem.IsLinux())
            return IsFreeForFramework(path);
        var file = Open(path, ReadWrite | CloseOnExec);
        if (file < 0)
            return false;
        // What the framework takes for FileShare.None. Closing lets it go.
        var isFree = Lock(file, Exclusive | NonBlocking) == 0;
        _ = Close(file);
        return isFree;
    }

    private static bool IsFreeForFramework(string path)
    {
        try
        {
            using var taken = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int Lock(int file, int operation);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
