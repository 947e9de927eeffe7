namespace Grid.Tests.Simulation;

/// <summary>
/// Something that a caller brings about: not there before it was first tried, there for certain from the moment on at which
/// somebody was told so, and neither in between.
/// </summary>
internal sealed class Fact
{
    private long _tried = long.MaxValue;
    private long _known = long.MaxValue;

    internal bool IsTried => _tried != long.MaxValue;

    internal bool IsKnown => _known != long.MaxValue;

    internal void Try(long now) => _tried = Math.Min(_tried, now);

    internal void Know(long now) => _known = Math.Min(_known, now);

    /// <summary>It was refused for good: it never was.</summary>
    internal void Never() => _tried = long.MaxValue;

    /// <summary>Whether whoever asks from this moment on must see it.</summary>
    internal bool MustBeAt(long start) => _known < start;

    /// <summary>Whether who had the answer at this moment can have seen it.</summary>
    internal bool MayBeAt(long end) => _tried <= end;
}
