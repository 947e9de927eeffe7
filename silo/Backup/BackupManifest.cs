using System.Text.Json;
using Grid.Silo.Commands;

namespace Grid.Silo.Backup;

/// <summary>
/// The contents of a backup, in <c>backup.json</c>. It is written last: a backup without it is unfinished.
/// </summary>
/// <param name="Format">The version of the layout.</param>
/// <param name="TakenAt">The time that all files represent.</param>
/// <param name="PageBytes">Bytes of a page in each file.</param>
/// <param name="Files">The files of the store, in order.</param>
internal sealed record BackupManifest(
    int Format,
    DateTimeOffset TakenAt,
    int PageBytes,
    IReadOnlyList<BackupFile> Files
)
{
    internal const int FormatNow = 2;
    internal const string FileName = "backup.json";
    internal const string StoreFolder = "store";
    internal const string KeysFolder = "keys";

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
    };

    internal void Write(string folder)
    {
        using var file = File.OpenHandle(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(this, JsonOptions), 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <exception cref="StoreException">
    /// The folder has no backup, or one that is unfinished or of a newer version.
    /// </exception>
    internal static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), JsonOptions) switch
            {
                { Format: FormatNow, Files.Count: > 0 } manifest => manifest,
                { Format: 1 } => throw new StoreException(
                    StoreErrorCodes.Invalid,
                    $"{path} is a backup of 0.1, which only 0.1 restores."
                ),
                { Format: > FormatNow } newer => throw new StoreException(
                    StoreErrorCodes.SchemaNewer,
                    $"{path} has format {newer.Format}; this version reads {FormatNow}."
                ),
                _ => throw new StoreException(StoreErrorCodes.Invalid, $"{path} is not a backup manifest."),
            };
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException(
                StoreErrorCodes.Invalid,
                $"{folder} has no backup, or an unfinished one.",
                exception
            );
        }
        catch (JsonException exception)
        {
            throw new StoreException(StoreErrorCodes.Invalid, $"{path} is not a backup manifest.", exception);
        }
    }
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Bytes">The file's length.</param>
/// <param name="Sha256">The hash of the file, in hexadecimal.</param>
/// <param name="Tables">The contents of the file's tables.</param>
internal sealed record BackupFile(string Name, long Bytes, string Sha256, IReadOnlyList<TableCount> Tables);
