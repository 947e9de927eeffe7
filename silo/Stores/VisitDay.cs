namespace Grid.Silo.Stores;

/// <summary>
/// Days of visits, written as the number yyyymmdd. A day is a day of China Standard Time (UTC+8, no summer time): the
/// city's night, with the fewest scans, is then where one table ends and the next begins.
/// </summary>
internal static class VisitDay
{
    /// <summary>
    /// Days back from the newest visit within which an id that names its day is filed under that day. An offline door may
    /// hand in what it scanned during that time, and again, and each scan is one row.
    /// </summary>
    internal const int WindowDays = 7;

    private static readonly TimeSpan NearMidnight = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Offset = TimeSpan.FromHours(8);
    private static readonly long UnixMillisecondsMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - 86_400_000;

    internal static int Of(DateTimeOffset moment) => Number(moment.ToOffset(Offset));

    internal static int? Of(long unixMilliseconds) =>
        unixMilliseconds <= UnixMillisecondsMax
            ? Of(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds))
            : null;

    internal static int Add(int day, int days) => Number(Start(day).AddDays(days));

    /// <summary>Whether a process whose clock differs by less than two minutes may be in another day.</summary>
    internal static bool IsNearMidnight(DateTimeOffset moment) =>
        Of(moment - NearMidnight) != Of(moment + NearMidnight);

    /// <summary>The moment at which a day begins.</summary>
    internal static DateTimeOffset Start(int day) => new(day / 10_000, day / 100 % 100, day % 100, 0, 0, 0, Offset);

    /// <summary>
    /// The day that a visit is filed under: the one that its id names when that is within the window, so that one id is
    /// always looked for in one place; else the day on which it is recorded.
    /// </summary>
    internal static int File(int? named, int today) =>
        named is { } day && day >= Add(today, -WindowDays) && day <= Add(today, 1) ? day : today;

    private static int Number(DateTimeOffset day) => (day.Year * 100 + day.Month) * 100 + day.Day;
}
