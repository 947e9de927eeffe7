namespace Grid.Silo.Stores.Sqlite;

/// <summary>Files and folders that only their owner may read: what residents did lies in them in the clear.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode700 = FileMode600 | UnixFileMode.UserExecute;

    /// <summary>Makes a folder unless it is there, and takes it away from others.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    internal static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, FolderMode700);
        Tighten(path, FolderMode700);
    }

    /// <summary>Takes a file away from others, and makes an empty one first when it may.</summary>
    internal static void Protect(string path, bool mayCreate)
    {
        if (OperatingSystem.IsWindows())
            return;
        if (mayCreate && !File.Exists(path))
            new FileStream(path, Options(FileMode.OpenOrCreate)).Dispose();
        if (File.Exists(path))
            Tighten(path, FileMode600);
    }

    /// <summary>How a file is opened that only its owner may read.</summary>
    internal static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions
        {
            // Without a buffer, whose last bytes a full disk would refuse when the file is closed.
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileMode600;
        return options;
    }

    private static void Tighten(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            return;
        var current = File.GetUnixFileMode(path);
        if ((current & ~mode) == 0)
            return;
        try
        {
            File.SetUnixFileMode(path, current & mode);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's folder, as some volumes are: who may enter is that user's matter.
        }
    }
}
