using System.Text.Json;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>What holds for the whole folder, in <c>manifest.json</c>: written once, after the files are made.</summary>
/// <param name="Layout">The version of the folder's layout.</param>
/// <param name="Files">Files that the partitions are cut into.</param>
/// <param name="PageBytes">Bytes of a page in each.</param>
internal sealed record SqliteManifest(int Layout, int Files, int PageBytes)
{
    internal const int LayoutNow = 2;
    internal const string FileName = "manifest.json";

    /// <summary>Whether a folder has one.</summary>
    internal static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads the manifest of a folder that has one.</summary>
    /// <exception cref="StoreException">The layout is another, or the file is no manifest.</exception>
    internal static SqliteManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        SqliteManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<SqliteManifest>(File.ReadAllBytes(path), JsonOptions);
        }
        catch (JsonException fault)
        {
            throw new StoreException(StoreErrorCodes.Invalid, $"{path} is no manifest of a store.", fault);
        }

        if (manifest is { Layout: > LayoutNow })
            throw StoreLayout.Newer(path, manifest.Layout, LayoutNow);
        if (manifest is { Layout: 1 })
            throw StoreLayout.Older(Path.GetDirectoryName(path)!);
        return manifest is { Layout: LayoutNow, Files: >= 1 and <= SqliteOptions.MaxFiles }
            ? manifest
            : throw new StoreException(StoreErrorCodes.Invalid, $"{path} is no manifest of a store.");
    }

    /// <summary>Writes it, once all files are made: a folder that has it must have them.</summary>
    internal void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        // Written whole before it has its name: a crash leaves no half of one.
        var draft = path + ".draft";
        using (var file = new FileStream(draft, OwnerOnly.Options(FileMode.Create)))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this, JsonOptions));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path);
    }
}
