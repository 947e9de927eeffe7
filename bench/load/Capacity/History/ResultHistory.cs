namespace Grid.Bench.Load.Capacity.History;

/// <summary>
/// For each resident the newest test whose result the grid acknowledged, by the second in which its sample was taken. From
/// then on no display may show an older one. Written by one thread; read when the load is over.
/// </summary>
internal sealed class ResultHistory
{
    private readonly int[] _seconds;

    public ResultHistory(int residents, DateTimeOffset start)
    {
        _seconds = new int[residents];
        // Second 0 stands for no result at all.
        Base = DateTimeOffset.FromUnixTimeSeconds(start.ToUnixTimeSeconds() - 1);
    }

    public DateTimeOffset Base { get; }

    /// <summary>Tubes whose result was acknowledged.</summary>
    public long Tubes { get; private set; }

    /// <summary>Members of those.</summary>
    public long Members { get; private set; }

    /// <summary>Displays asked for after a result was acknowledged that did not know it.</summary>
    public long StaleDisplays { get; private set; }

    public int SecondOf(DateTimeOffset collectedAt) =>
        (int)(collectedAt.ToUnixTimeSeconds() - Base.ToUnixTimeSeconds());

    public DateTimeOffset TimeOf(int second) => Base + TimeSpan.FromSeconds(second);

    /// <summary>The second of the resident's newest acknowledged test; 0 when there is none.</summary>
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
