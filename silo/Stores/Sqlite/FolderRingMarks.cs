using System.Text.Json;
using Grid.Hosting.Keys;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>Stores the key ring's marks in <c>keys.json</c>, beside the store's manifest.</summary>
/// <param name="folder">The folder of the store.</param>
internal sealed class FolderRingMarks(string folder) : IRingMarks
{
    internal const string FileName = "keys.json";

    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
    };

    private readonly string _path = Path.Combine(folder, FileName);

    public string Place => folder;

    public IReadOnlyCollection<string> Read()
    {
        if (!File.Exists(_path))
            return [];
        try
        {
            return JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(_path), JsonOptions) ?? [];
        }
        catch (JsonException exception)
        {
            throw new StoreException(
                StoreErrorCodes.Invalid,
                $"{_path} is not a list of key marks. Restore it from a backup.",
                exception
            );
        }
    }

    public void Add(IReadOnlyCollection<string> marks)
    {
        string[] all = [.. Read().Union(marks).Order(StringComparer.Ordinal)];
        OwnerOnly.MakeFolder(folder);
        var draft = $"{_path}.{Guid.NewGuid():N}";
        using (var file = new FileStream(draft, OwnerOnly.Options(FileMode.CreateNew)))
        {
            JsonSerializer.Serialize(file, all, JsonOptions);
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, _path, overwrite: true);
    }

    public bool HasResidents()
    {
        try
        {
            return Directory.Exists(folder) && Directory.EnumerateFiles(folder, "grid-*.db").Any(HasResidentsIn);
        }
        catch (SqliteException exception)
        {
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                $"{folder} can't be read: {exception.Message}",
                exception
            );
        }
    }

    private static bool HasResidentsIn(string path)
    {
        using var database = new SqliteDatabase(path, readOnly: false, BusyTimeout);
        return database.Scalar($"SELECT count(*) FROM sqlite_master WHERE name = '{TableNames.Residents}'") > 0
            && database.Scalar($"SELECT EXISTS (SELECT 1 FROM \"{TableNames.Residents}\")") > 0;
    }
}
