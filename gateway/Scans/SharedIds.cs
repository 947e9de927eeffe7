using System.Text;

namespace Grid.Gateway.Scans;

/// <summary>
/// Venue ids and device names come with every scan and are few: one string each for all requests instead of one a
/// request. A fixed number of places; two ids that fall on one place take turns.
/// </summary>
internal sealed class SharedIds
{
    private const int Places = 8192;

    private readonly string?[] _places = new string?[Places];

    /// <summary>The text of some ASCII bytes.</summary>
    internal string Of(ReadOnlySpan<byte> ascii)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in ascii)
            hash = (hash ^ b) * 1099511628211UL;
        ref var place = ref _places[(hash ^ (hash >> 32)) & (Places - 1)];
        var held = Volatile.Read(ref place);
        if (held is not null && Ascii.Equals(ascii, held))
            return held;
        var text = Encoding.ASCII.GetString(ascii);
        Volatile.Write(ref place, text);
        return text;
    }
}
