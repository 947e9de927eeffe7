using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Grid.Gateway.Requests;

/// <summary>
/// Reads <c>If-None-Match</c> (RFC 9110, 13.1.2): a list over any number of lines, or <c>*</c> for any version.
/// </summary>
internal static class EntityTags
{
    private static readonly EntityTagHeaderValue[] None = [];

    /// <summary>The tags of the header; none when it is absent or malformed.</summary>
    internal static IList<EntityTagHeaderValue> Read(StringValues header) =>
        header.Count > 0 && EntityTagHeaderValue.TryParseList(header, out var tags) ? tags : None;

    /// <summary>
    /// Whether the caller has the version with this tag. The comparison is weak: it ignores <c>W/</c>.
    /// </summary>
    internal static bool Have(StringValues header, string tag)
    {
        if (header.Count == 0)
            return false;
        if (header.Count == 1 && header[0] == tag)
            return true;
        var current = EntityTagHeaderValue.Parse(tag);
        return Read(header)
            .Any(each => each == EntityTagHeaderValue.Any || each.Compare(current, useStrongComparison: false));
    }
}
