using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Grid.Residents;

namespace Grid.Gateway.Pages;

/// <summary>One file of the page with its compressed form and its headers.</summary>
internal sealed class PageFile
{
    private const int BrotliQuality = 11;
    private const int BrotliWindowBits = 22;
    private readonly bool _isEntry;

    public PageFile(string name, string contentType, ReadOnlyMemory<byte> plain)
    {
        _isEntry = name == PageFiles.Entry;
        Route = _isEntry ? "/" : "/" + name;
        ContentType = contentType;
        Plain = plain;
        Version = Convert.ToHexStringLower(SHA256.HashData(plain.Span).AsSpan(0, 8));
        ETag = $"W/\"{Version}\"";
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        if (!BrotliEncoder.TryCompress(plain.Span, packed, out int length, BrotliQuality, BrotliWindowBits))
            throw new InvalidOperationException($"The page file {name} could not be compressed.");
        Brotli = packed.AsMemory(0, length);
    }

    public string Route { get; }

    public string ContentType { get; }

    public ReadOnlyMemory<byte> Plain { get; }

    public ReadOnlyMemory<byte> Brotli { get; }

    /// <summary>A hash of the content.</summary>
    public string Version { get; }

    /// <summary>A weak tag, since the plain and the compressed file share it.</summary>
    public string ETag { get; }

    /// <summary>
    /// A file requested by its current version never changes, so it is cached for a year. The entry, and a request for
    /// another version during a roll-out, are revalidated each time.
    /// </summary>
    public string CacheControlOf(string? askedVersion) =>
        !_isEntry && askedVersion == Version ? "public, max-age=31536000, immutable" : "no-cache";
}

/// <summary>
/// The files of the page. The entry refers to the others by version, so that browsers can cache them.
/// </summary>
internal static class PageFiles
{
    /// <summary>The file at <c>/</c>.</summary>
    public const string Entry = "index.html";

    private const string DistrictsMark = "<!--districts-->";

    private static readonly (string Name, string ContentType)[] Parts =
    [
        ("page.css", "text/css; charset=utf-8"),
        ("qr.js", "text/javascript; charset=utf-8"),
        ("fields.js", "text/javascript; charset=utf-8"),
        ("page.js", "text/javascript; charset=utf-8"),
    ];

    public static IReadOnlyList<PageFile> Load()
    {
        var files = new List<PageFile>();
        string entry = Encoding.UTF8.GetString(Read(Entry)).Replace(DistrictsMark, DistrictOptions());
        foreach ((string name, string contentType) in Parts)
        {
            var file = new PageFile(name, contentType, Read(name));
            files.Add(file);
            entry = entry.Replace($"\"{name}\"", $"\"{name}?v={file.Version}\"");
        }

        files.Add(new PageFile(Entry, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(entry)));
        return files;
    }

    private static string DistrictOptions() =>
        string.Concat(
            Districts.All.Select(district =>
                $"""<option value="{district.Code}" data-zh="{district.Chinese}" """
                + $"""data-en="{district.English}"></option>"""
            )
        );

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(PageFiles).Assembly.GetManifestResourceStream($"wwwroot/{name}")
            ?? throw new InvalidOperationException($"The page file {name} is missing from the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
