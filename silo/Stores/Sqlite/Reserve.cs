namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// A reserve file, deleted when a start finds the disk full: before it can read, SQLite needs 32 KiB per file for the
/// index of its log.
/// </summary>
internal static class Reserve
{
    private const string FileName = "reserve";
    private const int Bytes = 4 << 20;
    private const int PieceBytes = 4_096;

    /// <summary>
    /// Fills the reserve. On a full disk it takes the remaining space, so that writes fail and the next start has
    /// space.
    /// </summary>
    internal static void Keep(string folder)
    {
        try
        {
            using var file = new FileStream(Path.Combine(folder, FileName), OwnerOnly.Options(FileMode.OpenOrCreate));
            file.Position = file.Length;
            // Write the bytes instead of setting the length: a sparse file reserves no space.
            for (var piece = new byte[PieceBytes]; file.Position < Bytes; )
                file.Write(piece);
        }
        catch (IOException)
        {
            // The disk has no more space.
        }
    }

    /// <summary>Deletes the reserve; false if there is none.</summary>
    internal static bool GiveUp(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return false;
        File.Delete(path);
        return true;
    }
}
