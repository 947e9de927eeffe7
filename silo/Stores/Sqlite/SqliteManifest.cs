using System.Text.Json;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>Settings of the whole folder, in <c>manifest.json</c>; written once, after the files are created.</summary>
/// <param name="Layout">The version of the folder's layout.</param>
/// <param name="Files">The number of files that the partitions are divided into.</param>
/// <param name="PageBytes">Bytes per page in each file.</param>
internal sealed record SqliteManifest(int Layout, int Files, int PageBytes)
{
    internal const int LayoutNow = 2;
    internal const string FileName = "manifest.json";

    /// <summary>Whether a folder has a manifest.</summary>
    internal static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
    };

    /// <summary>Reads the manifest of a folder.</summary>
    /// <exception cref="StoreException">The layout differs, or the file is not a manifest.</exception>
    internal static SqliteManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        SqliteManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<SqliteManifest>(File.ReadAllBytes(path), JsonOptions);
        }
        catch (JsonException exception)
        {
            throw new StoreException(StoreErrorCodes.Invalid, $"{path} is not a store manifest.", exception);
        }

        if (manifest is { Layout: > LayoutNow })
            throw StoreLayout.Newer(path, manifest.Layout, LayoutNow);
        if (manifest is { Layout: 1 })
            throw StoreLayout.Older(Path.GetDirectoryName(path)!);
        return manifest is { Layout: LayoutNow, Files: >= 1 and <= SqliteOptions.MaxFiles }
            ? manifest
            : throw new StoreException(StoreErrorCodes.Invalid, $"{path} is not a store manifest.");
    }

    /// <summary>
    /// Writes the manifest after all files are created: a folder with a manifest must have all its files.
    /// </summary>
    internal void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        // Written under another name first: a crash leaves no partial manifest.
        var draft = path + ".draft";
        using (var file = new FileStream(draft, OwnerOnly.Options(FileMode.Create)))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this, JsonOptions));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path);
    }
}
