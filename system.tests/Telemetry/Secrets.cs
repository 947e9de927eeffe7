using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Grid.Tests.Telemetry;

/// <summary>What no log, metric or trace may contain, in any encoding.</summary>
internal sealed class Secrets
{
    private const int MinPartLength = 12;

    private readonly Dictionary<string, string> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _codes = [];

    /// <summary>Adds an id number, a name or a phone: as it is, and in JSON, URL and other encodings.</summary>
    internal void AddText(string kind, string text)
    {
        _texts[text] = kind;
        _texts.TryAdd(JsonSerializer.Serialize(text).Trim('"'), $"{kind}, escaped");
        _texts.TryAdd(Uri.EscapeDataString(text), $"{kind}, in a URL");
        AddBytes(kind, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Adds a token or secret: whole, each of its parts, and its bytes.</summary>
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

    /// <summary>Adds a one-time code: short, so that only a separate word counts.</summary>
    internal void AddCode(string code) => _codes.Add(code);

    internal int Count => _texts.Count + _codes.Count;

    /// <summary>The kinds found in a text; never the secret itself, because the result goes into a report.</summary>
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
