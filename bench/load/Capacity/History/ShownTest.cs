using System.Buffers.Text;
using Grid.Bench.Load.Http;

namespace Grid.Bench.Load.Capacity.History;

/// <summary>Reads only the test from a display.</summary>
internal static class ShownTest
{
    /// <summary>Reads whether the display shows a result, and when its sample was taken.</summary>
    /// <param name="body">The JSON of a display.</param>
    /// <param name="isNegative">Whether the result shown is negative: the load's laboratory reports no other.</param>
    /// <param name="collectedAt">When the sample was taken; the minimum value without one.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, out bool isNegative, out DateTimeOffset collectedAt)
    {
        isNegative = BodyFields.Begins(body, "\"test\":{\"result\":"u8, "\"negative\""u8);
        collectedAt = DateTimeOffset.MinValue;
        return BodyFields.TryString(body, "\"collectedAt\":"u8, out var text) && TryTime(text, out collectedAt);
    }

    // 2026-11-21T07:40:12Z: whole seconds, always UTC.
    private static bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20 || text[^1] != 'Z')
            return false;
        if (
            !Number(text[..4], out var year)
            || !Number(text.Slice(5, 2), out var month)
            || !Number(text.Slice(8, 2), out var day)
            || !Number(text.Slice(11, 2), out var hour)
            || !Number(text.Slice(14, 2), out var minute)
            || !Number(text.Slice(17, 2), out var second)
        )
            return false;
        if (
            year is < 1 or > 9999
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
            || hour > 23
            || minute > 59
            || second > 59
        )
            return false;
        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> digits, out int number) =>
        Utf8Parser.TryParse(digits, out number, out var used) && used == digits.Length && number >= 0;
}
