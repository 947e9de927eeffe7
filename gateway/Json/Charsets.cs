using System.Text;
using Microsoft.Net.Http.Headers;

namespace Grid.Gateway.Json;

/// <summary>
/// The supported text encodings: UTF-8, and GB 18030 with its subsets GBK and GB 2312.
/// </summary>
internal static class Charsets
{
    private const string Parameter = "charset";

    private static readonly Encoding Utf8 = new UTF8Encoding(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding(
        54936,
        EncoderFallback.ExceptionFallback,
        DecoderFallback.ExceptionFallback
    )!;

    /// <summary>
    /// The encoding of a content type's charset, quoted or not, in either case. UTF-8 without a charset; null for an
    /// unsupported or empty charset, and for two that differ.
    /// </summary>
    internal static Encoding? Of(MediaTypeHeaderValue type)
    {
        Encoding? named = null;
        foreach (var charset in ParametersOf(type))
        {
            var found = Find(HeaderUtilities.UnescapeAsQuotedString(charset.Value).ToString());
            if (found is null || (named is not null && named != found))
                return null;
            named = found;
        }
        return named ?? Utf8;
    }

    /// <summary>Whether a content type says UTF-8, JSON's only encoding (RFC 8259), or has no charset.</summary>
    internal static bool IsUtf8(MediaTypeHeaderValue type) => Of(type) == Utf8;

    /// <summary>Whether this is UTF-8, JSON's only encoding.</summary>
    internal static bool IsUtf8(Encoding encoding) => encoding == Utf8;

    /// <summary>The charset parameters of a content type; more than one is a sender's error.</summary>
    internal static IEnumerable<NameValueHeaderValue> ParametersOf(MediaTypeHeaderValue type) =>
        type.Parameters.Where(static parameter => parameter.Name.Equals(Parameter, StringComparison.OrdinalIgnoreCase));

    /// <summary>The encoding of an IANA name or a web alias; null for an unsupported one.</summary>
    internal static Encoding? Find(string name) =>
        name.ToLowerInvariant() switch
        {
            "utf-8" or "utf8" or "csutf8" => Utf8,
            "gb18030" or "csgb18030" => Gb18030,
            "gbk" or "csgbk" or "cp936" or "ms936" or "windows-936" or "x-gbk" => Gb18030,
            "gb2312" or "csgb2312" or "gb_2312-80" or "csiso58gb231280" or "iso-ir-58" or "chinese" => Gb18030,
            _ => null,
        };
}
