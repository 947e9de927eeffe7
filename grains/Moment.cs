namespace Grid;

/// <summary>Moments that callers report.</summary>
public static class Moment
{
    /// <summary>
    /// The earlier of two moments. What is reported may be ahead of the grid's clock; what is kept never begins after
    /// it was taken in.
    /// </summary>
    public static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
