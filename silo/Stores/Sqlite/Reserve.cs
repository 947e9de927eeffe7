namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// A file that is given up when a start finds no room: SQLite reads nothing before it has made its index of the log, 32 KiB
/// a file.
/// </summary>
internal static class Reserve
{
    private const string FileName = "reserve";
    private const int Bytes = 4 << 20;

    /// <summary>Makes the file unless it is there. Without room there is none, which is no reason not to start.</summary>
    internal static void Keep(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
            return;
        try
        {
            using var file = new FileStream(path, OwnerOnly.Options(FileMode.CreateNew));
            // Written, not just as long: a sparse file keeps no room.
            file.Write(new byte[Bytes]);
        }
        catch (IOException)
        {
            File.Delete(path);
        }
    }

    /// <summary>Deletes the file; false when there is none.</summary>
    internal static bool GiveUp(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return false;
        File.Delete(path);
        return true;
    }
}
