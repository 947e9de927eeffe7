namespace Grid.Bench.Load.Capacity.Search;

/// <summary>
/// Finds the highest rate that holds: steps up or down from an estimate until one rate holds and a higher one fails,
/// then bisects between them. Pure: it names the next rate and is told the outcome.
/// </summary>
/// <remarks>
/// After the first failure it tries one rate far above: a server that works in batches may fail at one rate and hold
/// twice that rate. The search is for the highest rate that holds, not for the lowest that fails.
/// </remarks>
internal sealed class RateSearch
{
    public const double MinStep = 1.02;
    public const double MaxStep = 4;

    /// <summary>The factor of the trial above a failed rate.</summary>
    public const double Beyond = 2;

    private readonly double _precision;
    private readonly int _maxTrials;
    private readonly double _minRate;
    private double _step;
    private double? _holds;
    private double? _breaks;
    private bool _hasLooked;

    /// <param name="first">The estimate.</param>
    /// <param name="step">The factor between rates while one end is open; it grows with each step.</param>
    /// <param name="precision">The search ends when the lowest failed rate is at most this factor above the highest
    /// that held.</param>
    /// <param name="minRate">The search gives up below this rate: nothing holds.</param>
    public RateSearch(double first, double step, double precision, int maxTrials, double minRate = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, minRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, MinStep);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(precision, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTrials, 1);
        (Next, _step, _precision, _maxTrials, _minRate) = (first, step, precision, maxTrials, minRate);
    }

    /// <summary>The next rate to try; null when the search is over.</summary>
    public double? Next { get; private set; }

    public int Trials { get; private set; }

    /// <summary>The highest rate that held; null while none has.</summary>
    public double? Best => _holds;

    /// <summary>
    /// Whether a rate above <see cref="Best"/> failed; if not, the capacity is at least <see cref="Best"/>.
    /// </summary>
    public bool IsBounded => _breaks is not null;

    /// <summary>Reports the outcome of <see cref="Next"/>.</summary>
    public void Told(bool holds)
    {
        if (Next is not { } rate)
            throw new InvalidOperationException("The search is over.");
        Trials++;
        if (holds)
            // Drop a lower rate that failed: this higher rate held.
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
        // Lengthen the next step: a bad estimate is corrected quickly.
        _step = Math.Min(MaxStep, _step * _step);
        if (_holds is not null)
            return rate * factor;
        return rate / factor >= _minRate ? rate / factor : null;
    }
}
