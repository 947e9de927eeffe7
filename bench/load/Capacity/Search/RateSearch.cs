namespace Grid.Bench.Load.Capacity.Search;

/// <summary>
/// Finds the highest rate that holds: steps up or down from a first guess until one rate holds and a higher one does not,
/// then halves the space between them. Pure: it says what to try and is told what came of it.
/// </summary>
/// <remarks>
/// After the first rate that broke it looks once beyond it: a server that works in batches may hold twice a rate at which it has none, and
/// the highest rate that holds is asked for, not the lowest that doesn't.
/// </remarks>
internal sealed class RateSearch
{
    public const double MinStep = 1.02;
    public const double MaxStep = 4;

    /// <summary>How far beyond a rate that broke it looks.</summary>
    public const double Beyond = 2;

    private readonly double _precision;
    private readonly int _maxTrials;
    private readonly double _minRate;
    private double _step;
    private double? _holds;
    private double? _breaks;
    private bool _hasLooked;

    /// <param name="first">The first guess.</param>
    /// <param name="step">The factor between rates while one end is open; it grows with each step that finds no end.</param>
    /// <param name="precision">It ends when the lowest rate that broke is at most this factor above the highest that held.</param>
    /// <param name="minRate">Below this it gives up: nothing holds.</param>
    public RateSearch(double first, double step, double precision, int maxTrials, double minRate = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, minRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, MinStep);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(precision, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTrials, 1);
        (Next, _step, _precision, _maxTrials, _minRate) = (first, step, precision, maxTrials, minRate);
    }

    /// <summary>The rate to try; null when the search is over.</summary>
    public double? Next { get; private set; }

    public int Trials { get; private set; }

    /// <summary>The highest rate that held; null while none has.</summary>
    public double? Best => _holds;

    /// <summary>Whether a rate above <see cref="Best"/> is known to break; without it the capacity is at least <see cref="Best"/>.</summary>
    public bool IsBounded => _breaks is not null;

    /// <summary>What came of <see cref="Next"/>.</summary>
    public void Told(bool holds)
    {
        if (Next is not { } rate)
            throw new InvalidOperationException("The search is over.");
        Trials++;
        if (holds)
            // What broke below it was no end.
            (_holds, _breaks) = (rate, _breaks > rate ? _breaks : null);
        else
            _breaks = _breaks < rate ? _breaks : rate;
        Next = Trials >= _maxTrials ? null : Following(rate);
    }

    private double? Following(double rate)
    {
        if (_holds is { } low && _breaks is { } high)
        {
            if (_hasLooked)
                return high <= low * _precision ? null : Math.Sqrt(low * high);
            _hasLooked = true;
            return high * Beyond;
        }
        var factor = _step;
        // The next step is longer: a bad guess is left behind quickly.
        _step = Math.Min(MaxStep, _step * _step);
        if (_holds is not null)
            return rate * factor;
        return rate / factor >= _minRate ? rate / factor : null;
    }
}
