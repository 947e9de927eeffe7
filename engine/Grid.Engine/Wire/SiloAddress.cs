using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Grid.Engine.Wire;

/// <summary>Where a silo listens for other silos and for gateways.</summary>
/// <param name="Host">An IP address or a name that resolves to one; an IPv6 address without brackets.</param>
/// <param name="Port">1 … 65,535.</param>
public readonly record struct SiloAddress(string Host, int Port)
{
    private const int HostCharsMax = 253;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is no address.</exception>
    public static SiloAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an address of the form host:port or [IPv6]:port.");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SiloAddress address)
    {
        address = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon < 1 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return false;
        }

        var host = text![..colon];
        var isBracketed = host is ['[', .., ']'];
        if (isBracketed)
        {
            host = host[1..^1];
        }

        if (host.Length is 0 or > HostCharsMax || host.AsSpan().ContainsAny(" /[]") || host.Contains(':', StringComparison.Ordinal) != isBracketed)
        {
            return false;
        }

        address = new SiloAddress(host, port);
        return true;
    }

    /// <summary>host:port, with brackets around an IPv6 address.</summary>
    public override string ToString() => Host?.Contains(':', StringComparison.Ordinal) == true
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
