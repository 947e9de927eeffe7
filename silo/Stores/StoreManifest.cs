using System.Text.Json;

namespace Grid.Silo.Stores;

/// <summary>What holds for the whole folder, in <c>manifest.json</c>: written once, before the first file is made.</summary>
/// <param name="Layout">The version of the folder's layout.</param>
/// <param name="Files">Files that the partitions are cut into.</param>
/// <param name="PageBytes">Bytes of a page in each.</param>
internal sealed record StoreManifest(int Layout, int Files, int PageBytes)
{
    internal const int LayoutNow = 1;
    internal const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads the manifest, or writes the first one.</summary>
    /// <exception cref="StoreException">The layout is newer, or the file is no manifest.</exception>
    internal static StoreManifest ReadOrCreate(StoreOptions options)
    {
        Directory.CreateDirectory(options.Folder);
        var path = Path.Combine(options.Folder, FileName);
        if (!File.Exists(path))
            Create(path, new StoreManifest(LayoutNow, options.Files, options.PageBytes));
        return Read(path);
    }

    private static StoreManifest Read(string path)
    {
        StoreManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<StoreManifest>(File.ReadAllBytes(path), s_json);
        }
        catch (JsonException fault)
        {
            throw new StoreException(StoreFaults.Invalid, $"{path} is no manifest of a store.", fault);
        }

        if (manifest is { Layout: > LayoutNow })
            throw Newer(path, manifest.Layout, LayoutNow);
        return manifest is { Layout: LayoutNow, Files: >= 1 and <= StoreOptions.FilesMax }
            ? manifest
            : throw new StoreException(StoreFaults.Invalid, $"{path} is no manifest of a store.");
    }

    internal static StoreException Newer(string path, long found, long known) => new(
        StoreFaults.SchemaNewer,
        $"{path} has schema {found}; this version knows {known} and older ones. Run the version that wrote it, or a newer one.");

    // Several silos may start on an empty folder at once: the first name stands, the others read it.
    private static void Create(string path, StoreManifest manifest)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        using (var file = File.OpenHandle(draft, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(manifest, s_json), 0);
            RandomAccess.FlushToDisk(file);
        }

        if (!ExclusiveName.TryTake(draft, path))
            File.Delete(draft);
    }
}
