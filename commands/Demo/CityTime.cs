namespace Grid.Commands.Demo;

internal static class CityTime
{
    /// <summary>Truncates to whole seconds, so that the time prints short and survives every round trip.</summary>
    public static DateTimeOffset WholeSecond(DateTimeOffset moment) =>
        DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds());
}
