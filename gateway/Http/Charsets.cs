using System.Text;

namespace Grid.Gateway.Http;

/// <summary>The encodings of text that the grid reads: UTF-8, and GB 18030 with the older sets that it holds (GBK, GB 2312).</summary>
internal static class Charsets
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding(
        54936, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>The encoding of a name as it stands in a content type, quoted or not; UTF-8 without a name, null for another.</summary>
    internal static Encoding? Find(string? name) => name?.Trim('"').ToLowerInvariant() switch
    {
        null or "" or "utf-8" or "utf8" or "us-ascii" => Utf8,
        "gb18030" or "gbk" or "gb2312" or "gb_2312-80" or "cp936" or "x-gbk" => Gb18030,
        _ => null,
    };

    /// <summary>Whether a name means UTF-8, in which JSON always is.</summary>
    internal static bool IsUtf8(string? name) => Find(name) == Utf8;
}
