namespace Grid.Gateway.Overload;

/// <summary>
/// The slot that a request holds while it is in flight; a feature of the request, except for displays and scans. A
/// handler that waits on purpose releases the slot first: waiting uses nothing that other requests need.
/// </summary>
public interface IOverloadSlot
{
    /// <summary>Releases the slot. Further calls do nothing.</summary>
    void Release();
}

/// <summary>A slot of the limiter.</summary>
internal sealed class OverloadSlot(ConcurrencyLimiter limiter, RequestPriority priority, int age) : IOverloadSlot
{
    private int _released;

    internal RequestPriority Priority => priority;

    internal int Age => age;

    /// <summary>
    /// Whether the request completed on the thread it arrived on. Such requests take no time that the limit could
    /// shorten, so they do not raise it.
    /// </summary>
    internal bool AnsweredAtOnce { get; set; }

    /// <inheritdoc/>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            limiter.Exit(this);
    }
}
