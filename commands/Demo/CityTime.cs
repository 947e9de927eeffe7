namespace Grid.Commands.Demo;

internal static class CityTime
{
    /// <summary>The moment without its fraction, so that it prints short and survives every round trip.</summary>
    public static DateTimeOffset WholeSecond(DateTimeOffset moment) =>
        DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds());
}
