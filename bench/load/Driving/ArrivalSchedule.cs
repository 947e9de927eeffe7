namespace Grid.Bench.Load.Driving;

/// <summary>
/// When the requests of an open loop are due: at a rate that may change over time, evenly or as a Poisson process. The
/// times do not depend on the server, so that a stall shows in the latencies of every request that was due during it.
/// </summary>
internal sealed class ArrivalSchedule
{
    private readonly RateProfile _profile;
    private readonly double _share;
    private readonly Random? _random;
    private readonly long _startTicks;
    private readonly double _ticksPerSecond;
    private readonly double _leadSeconds;
    private double _seconds;

    /// <param name="profile">The rate of the whole run.</param>
    /// <param name="share">The part of the rate that this schedule carries (one of several workers).</param>
    /// <param name="offset">Where in the first gap this schedule starts, 0 … 1, so that workers do not send at
    /// once.</param>
    /// <param name="random">For Poisson arrivals; null for even ones.</param>
    /// <param name="lead">Time before the profile starts (the warm-up), at the profile's first rate.</param>
    public ArrivalSchedule(
        RateProfile profile,
        double share,
        double offset,
        Random? random,
        TimeSpan lead,
        long startTicks,
        long ticksPerSecond
    )
    {
        _leadSeconds = lead.TotalSeconds;
        _profile = profile;
        _share = share;
        _random = random;
        _startTicks = startTicks;
        _ticksPerSecond = ticksPerSecond;
        _seconds = offset / (profile.At(0) * share);
        DueTicks = ToTicks(_seconds);
    }

    /// <summary>When the next request is due.</summary>
    public long DueTicks { get; private set; }

    public void Advance()
    {
        var gaps = _random is null ? 1.0 : -Math.Log(1 - _random.NextDouble());
        _seconds += gaps / (_profile.At(_seconds - _leadSeconds) * _share);
        DueTicks = ToTicks(_seconds);
    }

    private long ToTicks(double seconds) => _startTicks + (long)(seconds * _ticksPerSecond);
}
