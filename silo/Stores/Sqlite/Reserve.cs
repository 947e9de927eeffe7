namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// A file that is given up when a start finds no room: SQLite reads nothing before it has made its index of the log, 32 KiB
/// a file.
/// </summary>
internal static class Reserve
{
    private const string FileName = "reserve";
    private const int Bytes = 4 << 20;
    private const int PieceBytes = 4_096;

    /// <summary>
    /// Fills the file up. On a full disk it takes what is left, so that writes are refused and the next start finds room again.
    /// </summary>
    internal static void Keep(string folder)
    {
        try
        {
            using var file = new FileStream(Path.Combine(folder, FileName), OwnerOnly.Options(FileMode.OpenOrCreate));
            file.Position = file.Length;
            // Written, not just as long: a sparse file keeps no room.
            for (var piece = new byte[PieceBytes]; file.Position < Bytes; )
                file.Write(piece);
        }
        catch (IOException)
        {
            // No more room than that.
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
