namespace Grid.Gateway.Overload;

/// <summary>
/// The place that a request holds while it is in flight; a feature of the request, displays and scans excepted. A handler
/// that waits on purpose gives the place back first: waiting uses nothing that other requests need.
/// </summary>
public interface IOverloadSlot
{
    /// <summary>Gives the place back. Any further call does nothing.</summary>
    void Release();
}

/// <summary>A place in the limiter.</summary>
internal sealed class OverloadSlot(ConcurrencyLimiter limiter, RequestPriority priority, int age) : IOverloadSlot
{
    private int _released;

    internal RequestPriority Priority => priority;

    internal int Age => age;

    /// <summary>
    /// Whether the request was answered on the thread it came on. Such requests take no time that the limit could shorten, so
    /// they do not raise it.
    /// </summary>
    internal bool AnsweredAtOnce { get; set; }

    /// <inheritdoc/>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            limiter.Exit(this);
    }
}
