namespace Grid.Bench.Load.Capacity.History;

/// <summary>
/// Keeps for each resident the newest test whose result was acknowledged, as the second in which its sample was taken.
/// From then on no display may show an older one. Written by one thread; read after the load.
/// </summary>
internal sealed class ResultHistory
{
    private readonly int[] _seconds;

    public ResultHistory(int residents, DateTimeOffset start)
    {
        _seconds = new int[residents];
        // Second 0 means no result.
        Base = DateTimeOffset.FromUnixTimeSeconds(start.ToUnixTimeSeconds() - 1);
    }

    public DateTimeOffset Base { get; }

    /// <summary>Number of tubes whose result was acknowledged.</summary>
    public long Tubes { get; private set; }

    /// <summary>Number of members in those tubes.</summary>
    public long Members { get; private set; }

    /// <summary>Displays that lacked a result which was acknowledged before the request was sent.</summary>
    public long StaleDisplays { get; private set; }

    public int SecondOf(DateTimeOffset collectedAt) =>
        (int)(collectedAt.ToUnixTimeSeconds() - Base.ToUnixTimeSeconds());

    public DateTimeOffset TimeOf(int second) => Base + TimeSpan.FromSeconds(second);

    /// <summary>The second of the resident's newest acknowledged test; 0 without one.</summary>
    public int NewestOf(int resident) => _seconds[resident];

    public void AcknowledgeTube() => Tubes++;

    public void AcknowledgeMember(int resident, int collectedSecond)
    {
        Members++;
        _seconds[resident] = Math.Max(_seconds[resident], collectedSecond);
    }

    public void Stale() => StaleDisplays++;

    /// <summary>Residents with an acknowledged result.</summary>
    public IEnumerable<int> Residents()
    {
        for (var resident = 0; resident < _seconds.Length; resident++)
        {
            if (_seconds[resident] > 0)
                yield return resident;
        }
    }
}
