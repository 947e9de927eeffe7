namespace Grid.Residents;

/// <summary>The civil day in China: one zone, UTC+8, no summer time since 1991.</summary>
public static class CivilDay
{
    /// <summary>The zone's distance from UTC.</summary>
    public static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    /// <summary>The day in China at a moment.</summary>
    public static DateOnly Of(DateTimeOffset moment) => DateOnly.FromDateTime(moment.ToOffset(Offset).DateTime);

    /// <summary>Today in China.</summary>
    public static DateOnly Today(TimeProvider clock) => Of(clock.GetUtcNow());
}
