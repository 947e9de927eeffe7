namespace Grid.Commands.Demo;

/// <summary>
/// The age distribution of the city by day of birth, over a hundred years. The shares of the three main age groups are
/// those of Xi'an's census of 2020 (0–14: 15.7 %, 15–59: 68.3 %, 60 and over: 16.0 %). Within them the five-year
/// bands follow China's pyramid by eye, which gives a median of about 38.
/// </summary>
internal sealed class AgePyramid
{
    private const int YearsPerBand = 5;

    private static readonly double[] BandShares =
    [
        5.4,
        5.7,
        4.6, // to 14
        5.2,
        7.0,
        7.8,
        9.9,
        8.6,
        7.2,
        7.3,
        8.2,
        7.1, // to 59
        5.1,
        4.2,
        2.9,
        1.8,
        1.2,
        0.6,
        0.17,
        0.03, // to 99
    ];

    private readonly double[] _bandEnds = new double[BandShares.Length + 1];
    private readonly DateOnly _today;

    public AgePyramid(DateOnly today)
    {
        _today = today;
        double total = BandShares.Sum(),
            sum = 0;
        for (int i = 0; i < BandShares.Length; i++)
            _bandEnds[i + 1] = (sum += BandShares[i]) / total;
        Days = today.DayNumber - today.AddYears(-YearsPerBand * BandShares.Length).DayNumber;
    }

    /// <summary>The number of days that births are spread over; today is day 0.</summary>
    public int Days { get; }

    /// <summary>The date <paramref name="daysAgo"/> days before today.</summary>
    public DateOnly Day(int daysAgo) => _today.AddDays(-daysAgo);

    /// <summary>The share of the population, 0 to 1, born in the last <paramref name="daysAgo"/> days.</summary>
    public double YoungerThan(int daysAgo)
    {
        double band = (double)daysAgo / Days * BandShares.Length;
        int whole = Math.Min((int)band, BandShares.Length - 1);
        return double.Lerp(_bandEnds[whole], _bandEnds[whole + 1], band - whole);
    }
}
