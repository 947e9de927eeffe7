using System.Text;

namespace Grid.Gateway.Scans;

/// <summary>
/// Interns venue ids and device names: every scan carries them and few differ, so a string per request would be waste.
/// The table has a fixed size; two ids with the same slot replace each other.
/// </summary>
internal sealed class SharedIds
{
    private const int Places = 8192;

    private readonly string?[] _places = new string?[Places];

    /// <summary>The string of some ASCII bytes.</summary>
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
