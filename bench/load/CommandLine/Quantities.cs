using System.Globalization;

namespace Grid.Bench.Load.CommandLine;

/// <summary>Durations as people write them: <c>500ms</c>, <c>10s</c>, <c>2m</c>; a bare number is seconds.</summary>
internal static class Quantities
{
    /// <summary>The longest duration accepted for any option: every run is bounded.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromHours(24);

    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var (digits, seconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 0.001),
            _ when text.EndsWith('s') => (text[..^1], 1),
            _ when text.EndsWith('m') => (text[..^1], 60),
            _ => (text, 1.0),
        };
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        if (number * seconds > MaxDuration.TotalSeconds)
            return false;
        duration = TimeSpan.FromSeconds(number * seconds);
        return true;
    }
}
