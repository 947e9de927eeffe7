using System.Text.Json;
using Grid.Silo.Commands;

namespace Grid.Silo.Backup;

/// <summary>What a backup holds, in its <c>backup.json</c>, which is written last: without it there is no backup.</summary>
/// <param name="Format">The version of the layout.</param>
/// <param name="TakenAt">The moment that all files show.</param>
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

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal void Write(string folder)
    {
        using var file = File.OpenHandle(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(this, JsonOptions), 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <exception cref="StoreException">The folder has no backup, an unfinished one, or one of a newer version.</exception>
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
                _ => throw new StoreException(StoreErrorCodes.Invalid, $"{path} is no manifest of a backup."),
            };
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException(
                StoreErrorCodes.Invalid,
                $"{folder} has no backup, or one that was not finished.",
                fault
            );
        }
        catch (JsonException fault)
        {
            throw new StoreException(StoreErrorCodes.Invalid, $"{path} is no manifest of a backup.", fault);
        }
    }
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its bytes, in hexadecimal.</param>
/// <param name="Tables">What its tables hold.</param>
internal sealed record BackupFile(string Name, long Bytes, string Sha256, IReadOnlyList<TableCount> Tables);
