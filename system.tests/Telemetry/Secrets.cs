using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Grid.Tests.Telemetry;

/// <summary>What must be in no log, metric or trace, in whatever form it might get there.</summary>
internal sealed class Secrets
{
    private const int MinPartLength = 12;

    private readonly Dictionary<string, string> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _codes = [];

    /// <summary>An id number, a name, a phone: as it is, and as JSON, a URL or an encoding would have it.</summary>
    internal void AddText(string kind, string text)
    {
        _texts[text] = kind;
        _texts.TryAdd(JsonSerializer.Serialize(text).Trim('"'), $"{kind}, escaped");
        _texts.TryAdd(Uri.EscapeDataString(text), $"{kind}, in a URL");
        AddBytes(kind, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A token or secret: whole, each of its parts, and its bytes.</summary>
    internal void AddToken(string kind, string token)
    {
        _texts[token] = kind;
        foreach (var part in token.Split('.', ':', ' ').Where(part => part.Length >= MinPartLength))
        {
            _texts.TryAdd(part, $"{kind}, a part");
            AddBytes(kind, Encoding.ASCII.GetBytes(part));
            if (Decode(part) is { } bytes)
                AddBytes(kind, bytes);
        }
    }

    /// <summary>A one-time code: short, so that only a word of its own counts.</summary>
    internal void AddCode(string code) => _codes.Add(code);

    internal int Count => _texts.Count + _codes.Count;

    /// <summary>Which kinds are in a text; never the secret itself, for this goes into a report.</summary>
    internal IReadOnlyList<string> FindIn(string text)
    {
        var found = _texts
            .Where(each => text.Contains(each.Key, StringComparison.OrdinalIgnoreCase))
            .Select(each => each.Value);
        var codes = _codes
            .Where(code => Regex.IsMatch(text, $"(?<![0-9A-Za-z.]){code}(?![0-9A-Za-z])"))
            .Select(_ => "one-time code");
        return [.. found.Concat(codes).Distinct()];
    }

    private void AddBytes(string kind, byte[] bytes)
    {
        _texts[Convert.ToHexString(bytes)] = $"{kind}, hex";
        var base64 = Convert.ToBase64String(bytes).TrimEnd('=');
        _texts[base64] = $"{kind}, base64";
        _texts[base64.Replace('+', '-').Replace('/', '_')] = $"{kind}, base64url";
    }

    private static byte[]? Decode(string base64Url)
    {
        try
        {
            var padded = base64Url.Replace('-', '+').Replace('_', '/');
            return Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
