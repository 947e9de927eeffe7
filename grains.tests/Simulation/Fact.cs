namespace Grid.Tests.Simulation;

/// <summary>
/// The effect of a command: absent before the first try, present once a caller was told so, and uncertain in
/// between.
/// </summary>
internal sealed class Fact
{
    private long _tried = long.MaxValue;
    private long _known = long.MaxValue;

    internal bool IsTried => _tried != long.MaxValue;

    internal bool IsKnown => _known != long.MaxValue;

    internal void Try(long now) => _tried = Math.Min(_tried, now);

    internal void Know(long now) => _known = Math.Min(_known, now);

    /// <summary>Records a final refusal: the effect never occurred.</summary>
    internal void Never() => _tried = long.MaxValue;

    /// <summary>Whether a request sent at this time must see it.</summary>
    internal bool MustBeAt(long start) => _known < start;

    /// <summary>Whether a request answered at this time can have seen it.</summary>
    internal bool MayBeAt(long end) => _tried <= end;
}
