namespace Grid.Gateway.Demo;

/// <summary>Tells how far a load is, at most once a second.</summary>
internal sealed class LoadProgress(TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private string _what = "";
    private int _total;
    private int _done;
    private long _began;
    private long _told;

    /// <summary>A phase of so many steps begins.</summary>
    public void Begin(string what, int total)
    {
        lock (_gate)
        {
            (_what, _total, _done) = (what, total, 0);
            _began = _told = time.GetTimestamp();
        }
    }

    /// <summary>So many more steps are done.</summary>
    public void Add(int steps)
    {
        lock (_gate)
        {
            _done += steps;
            if (time.GetElapsedTime(_told) < Pause)
                return;
            _told = time.GetTimestamp();
            Tell("…");
        }
    }

    /// <summary>The phase is over.</summary>
    public void End()
    {
        lock (_gate)
            Tell($" in {time.GetElapsedTime(_began).TotalSeconds:0.0} s");
    }

    private void Tell(string end)
    {
        double rate = _done / Math.Max(0.001, time.GetElapsedTime(_began).TotalSeconds);
        output.WriteLine($"{_what}: {_done:#,0} of {_total:#,0}, {rate:#,0}/s{end}");
    }
}
