using System.Globalization;

namespace Grid.Bench.Load.Driving;

/// <summary>
/// Requests a second over the time of a run: points joined by straight lines, flat after the last. Written as one
/// number (<c>5000</c>) or as points (<c>0s:500,10s:5000,20s:5000</c>).
/// </summary>
internal sealed class RateProfile
{
    public const double MinRequestsPerSecond = 0.1;
    public const double MaxRequestsPerSecond = 10_000_000;
    private const int MaxPoints = 100;

    private readonly (double Seconds, double Rate)[] _points;

    private RateProfile((double, double)[] points) => _points = points;

    public static RateProfile Flat(double rate) => new([(0, rate)]);

    /// <summary>Points in order of time; before the first point its rate applies.</summary>
    public static RateProfile Of(params (double Seconds, double Rate)[] points) => new([.. points]);

    public static bool TryParse(string text, out RateProfile profile)
    {
        profile = Flat(1);
        var parts = text.Split(',');
        if (parts.Length > MaxPoints)
            return false;
        var points = new (double Seconds, double Rate)[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var colon = parts[i].IndexOf(':');
            var at = TimeSpan.Zero;
            if (colon < 0 ? parts.Length > 1 : !CommandLine.Quantities.TryDuration(parts[i][..colon], out at))
                return false;
            if (
                !double.TryParse(
                    parts[i].AsSpan(colon + 1),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var rate
                )
            )
                return false;
            if (!(rate is >= MinRequestsPerSecond and <= MaxRequestsPerSecond))
                return false;
            points[i] = (at.TotalSeconds, rate);
            if (i > 0 && points[i].Seconds <= points[i - 1].Seconds)
                return false;
        }
        profile = new RateProfile(points);
        return true;
    }

    public double At(double seconds)
    {
        var i = _points.Length - 1;
        while (i > 0 && _points[i].Seconds > seconds)
            i--;
        if (i == _points.Length - 1 || seconds <= _points[i].Seconds)
            return _points[i].Rate;
        var (from, to) = (_points[i], _points[i + 1]);
        return from.Rate + (to.Rate - from.Rate) * (seconds - from.Seconds) / (to.Seconds - from.Seconds);
    }

    /// <summary>Number of requests due between two moments.</summary>
    public double Between(double fromSeconds, double toSeconds)
    {
        // Straight lines between points: the mean of both ends is exact within a piece.
        var edges = _points.Select(p => p.Seconds).Where(s => s > fromSeconds && s < toSeconds).Append(toSeconds);
        double sum = 0,
            at = fromSeconds;
        foreach (var edge in edges)
        {
            sum += (At(at) + At(edge)) / 2 * (edge - at);
            at = edge;
        }
        return sum;
    }
}
