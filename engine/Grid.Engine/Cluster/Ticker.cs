namespace Grid.Engine.Cluster;

/// <summary>Does something every so often, and at once when it is woken; never twice at the same time.</summary>
internal sealed class Ticker : IDisposable
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int RunningAndAskedAgain = 2;

    private readonly Func<Task> _work;
    private readonly TimeSpan _period;
    private readonly ITimer _timer;
    private int _state;
    private volatile bool _isStopped;

    /// <param name="time">The clock.</param>
    /// <param name="period">How often.</param>
    /// <param name="work">What; it must not throw.</param>
    internal Ticker(TimeProvider time, TimeSpan period, Func<Task> work)
    {
        _work = work;
        _period = period;
        _timer = time.CreateTimer(static ticker => ((Ticker)ticker!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts, or does it now rather than when it is due.</summary>
    internal void Wake()
    {
        if (!_isStopped)
        {
            _timer.Change(TimeSpan.Zero, _period);
        }
    }

    /// <summary>Nothing is begun any more; what is going on ends by itself.</summary>
    public void Dispose()
    {
        _isStopped = true;
        _timer.Dispose();
    }

    private void OnTimer()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Idle) == Idle)
        {
            _ = RunAsync();
        }
        else
        {
            Interlocked.CompareExchange(ref _state, RunningAndAskedAgain, Running);
        }
    }

    private async Task RunAsync()
    {
        do
        {
            Interlocked.Exchange(ref _state, Running);
            if (!_isStopped)
            {
                await _work();
            }
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Running) != Running);
    }
}
