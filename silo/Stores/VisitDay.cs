namespace Grid.Silo.Stores;

/// <summary>
/// Days of visits, as the number yyyymmdd. A day is a day of China Standard Time (UTC+8, no daylight saving): tables
/// then change at the city's night, when scans are fewest.
/// </summary>
internal static class VisitDay
{
    /// <summary>
    /// Days before the newest visit within which a scan id that names its day is filed under that day. An offline door
    /// may submit its scans, also repeatedly, within this window, and each scan is one row.
    /// </summary>
    internal const int WindowDays = 7;

    private static readonly TimeSpan NearMidnight = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Offset = TimeSpan.FromHours(8);
    private static readonly long MaxUnixMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - 86_400_000;

    internal static int Of(DateTimeOffset moment) => Number(moment.ToOffset(Offset));

    internal static int? Of(long unixMilliseconds) =>
        unixMilliseconds <= MaxUnixMilliseconds ? Of(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds)) : null;

    internal static int Add(int day, int days) => Number(Start(day).AddDays(days));

    /// <summary>Whether a process whose clock differs by less than 2 minutes may be in another day.</summary>
    internal static bool IsNearMidnight(DateTimeOffset moment) =>
        Of(moment - NearMidnight) != Of(moment + NearMidnight);

    /// <summary>The start of a day.</summary>
    internal static DateTimeOffset Start(int day) => new(day / 10_000, day / 100 % 100, day % 100, 0, 0, 0, Offset);

    /// <summary>
    /// The day that a visit is filed under: the day that its id names if within the window, so that an id is always
    /// found in one place; else the day of recording.
    /// </summary>
    internal static int File(int? named, int today) =>
        named is { } day && day >= Add(today, -WindowDays) && day <= Add(today, 1) ? day : today;

    private static int Number(DateTimeOffset day) => (day.Year * 100 + day.Month) * 100 + day.Day;
}
