namespace Grid;

/// <summary>Times that callers report.</summary>
public static class Moment
{
    /// <summary>
    /// The earlier of two times. A caller's clock may be ahead of ours: what we store starts no later than we received
    /// it.
    /// </summary>
    public static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
