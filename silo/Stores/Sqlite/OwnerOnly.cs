namespace Grid.Silo.Stores.Sqlite;

/// <summary>Files and folders that only their owner may read: they hold residents' data unencrypted.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode700 = FileMode600 | UnixFileMode.UserExecute;

    /// <summary>Creates the folder if missing and removes other users' permissions.</summary>
    /// <exception cref="IOException">The folder can't be created.</exception>
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

    /// <summary>Removes other users' permissions from a file; creates an empty file first if allowed.</summary>
    internal static void Protect(string path, bool mayCreate)
    {
        if (OperatingSystem.IsWindows())
            return;
        if (mayCreate && !File.Exists(path))
            new FileStream(path, Options(FileMode.OpenOrCreate)).Dispose();
        if (File.Exists(path))
            Tighten(path, FileMode600);
    }

    /// <summary>Options to open a file that only its owner may read.</summary>
    internal static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions
        {
            // No buffer: on a full disk, closing the file would fail to write its last bytes.
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
            // The folder belongs to another user, as on some volumes: that user controls access.
        }
    }
}
