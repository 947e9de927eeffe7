namespace Grid.Bench.Load.Driving;

/// <summary>
/// Draws keys 0 … n-1 with the probability of rank r proportional to 1/(r+1)^s, by rejection-inversion (W. Hörmann,
/// G. Derflinger, 1996): constant time and no table for any n. Exponent 0 is the uniform draw. A fixed permutation
/// spreads the ranks over the keys, so that the hot keys are not neighbours.
/// </summary>
internal sealed class ZipfSampler
{
    private readonly int _count;
    private readonly double _exponent;
    private readonly double _hIntegralFirst;
    private readonly double _hIntegralCount;
    private readonly double _shortcut;
    private readonly long _stride;
    private readonly Random _random;

    public ZipfSampler(int count, double exponent, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        _count = count;
        _exponent = exponent;
        _random = new Random(seed);
        _stride = StrideFor(count);
        _hIntegralFirst = HIntegral(1.5) - 1;
        _hIntegralCount = HIntegral(count + 0.5);
        _shortcut = 2 - HIntegralInverse(HIntegral(2.5) - H(2));
    }

    public int Next() => (int)(NextRank() * _stride % _count);

    /// <summary>Draws a rank; 0 is the most frequent.</summary>
    public long NextRank()
    {
        if (_exponent == 0)
            return _random.Next(_count);
        while (true)
        {
            var u = _hIntegralCount + _random.NextDouble() * (_hIntegralFirst - _hIntegralCount);
            var x = HIntegralInverse(u);
            var k = Math.Clamp((long)(x + 0.5), 1, _count);
            if (k - x <= _shortcut || u >= HIntegral(k + 0.5) - H(k))
                return k - 1;
        }
    }

    // A stride coprime to the count visits every key once; near the golden ratio, neighbouring ranks are far apart.
    private static long StrideFor(int count)
    {
        var stride = Math.Max(1, (long)(count * 0.6180339887));
        while (GreatestCommonDivisor(stride, count) != 1)
            stride++;
        return stride;
    }

    private static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    private double H(double x) => Math.Exp(-_exponent * Math.Log(x));

    private double HIntegral(double x)
    {
        var logX = Math.Log(x);
        return ExpM1OverX((1 - _exponent) * logX) * logX;
    }

    private double HIntegralInverse(double x)
    {
        var t = Math.Max(-1, x * (1 - _exponent));
        return Math.Exp(Log1POverX(t) * x);
    }

    // (e^x - 1)/x and log(1+x)/x, by their series where the plain form loses precision (exponents close to 1).
    private static double ExpM1OverX(double x) => Math.Abs(x) > 1e-8 ? (Math.Exp(x) - 1) / x : 1 + x / 2 * (1 + x / 3);

    private static double Log1POverX(double x) =>
        Math.Abs(x) > 1e-8 ? Math.Log(1 + x) / x : 1 - x * (0.5 - x * (1.0 / 3 - x / 4));
}
