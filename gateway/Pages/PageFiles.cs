using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Grid.Residents;

namespace Grid.Gateway.Pages;

/// <summary>One file of the page, ready to be sent.</summary>
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

    /// <summary>Changes with the content.</summary>
    public string Version { get; }

    /// <summary>Weak, for the plain and the compressed file have one and the same.</summary>
    public string ETag { get; }

    /// <summary>
    /// A file that is asked for by its current version never changes: a year. The entry, and anything asked for by
    /// another version in the middle of a roll-out, is asked about each time.
    /// </summary>
    public string CacheControlOf(string? askedVersion) =>
        !_isEntry && askedVersion == Version ? "public, max-age=31536000, immutable" : "no-cache";
}

/// <summary>The files of the page. The entry names the others with their versions, so that they can be kept for good.</summary>
internal static class PageFiles
{
    /// <summary>The file behind <c>/</c>.</summary>
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
                $"""<option value="{district.Code}" data-zh="{district.Chinese}" data-en="{district.English}"></option>"""
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
