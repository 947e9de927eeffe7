using Grid.Gateway.Hosting;
using Grid.Gateway.Requests;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Calls;

/// <summary>
/// The common deadline of all grain calls of a request: no caller waits longer, however many calls there are.
/// </summary>
internal sealed class RequestDeadline
{
    private static readonly AsyncLocal<RequestDeadline?> Flow = new();

    // Above this share of the deadline, the commit counts as started at once.
    private const double StartsAtOnce = 0.9;

    private readonly TimeProvider _time;
    private readonly TimeSpan _life;

    private RequestDeadline(TimeProvider time, TimeSpan life)
    {
        (_time, _life) = (time, life);
        End = EndFrom(time, life);
    }

    /// <summary>The deadline of the current request; null outside a request.</summary>
    internal static RequestDeadline? Current => Flow.Value;

    /// <summary>The end as a timestamp.</summary>
    internal long End { get; }

    private TimeSpan Left =>
        _time.GetElapsedTime(_time.GetTimestamp(), End) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Starts a deadline for the calls of the current async method.</summary>
    internal static void Start(TimeProvider time, TimeSpan life) => Flow.Value = new RequestDeadline(time, life);

    /// <summary>
    /// Ends the wait for a commit of this process's own store at the deadline. A commit that starts at once relies on
    /// the store's shorter time-out and needs no timer.
    /// </summary>
    /// <exception cref="TimeoutException">The deadline has passed. The commit may still succeed.</exception>
    internal static ValueTask<T> Bound<T>(ValueTask<T> commit) =>
        commit.IsCompleted || Current is not { } deadline || deadline.Left > deadline._life * StartsAtOnce
            ? commit
            : new ValueTask<T>(commit.AsTask().WaitAsync(deadline.Left, deadline._time));

    /// <summary>Restarts the deadline: each line of a stream has its own.</summary>
    internal static void Restart()
    {
        if (Current is { } deadline)
            Start(deadline._time, deadline._life);
    }

    internal static long EndFrom(TimeProvider time, TimeSpan life) =>
        time.GetTimestamp() + (long)(life.TotalSeconds * time.TimestampFrequency);
}

/// <summary>
/// Starts the deadline of each request. A route with at most one grain call has none: that call's own time-out is as
/// short, and a display without a call pays nothing.
/// </summary>
internal sealed class RequestDeadlines(RequestDelegate next, IOptions<GatewayOptions> options, TimeProvider time)
{
    private readonly TimeSpan _life = options.Value.CallDeadline;

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint && !RouteLimits.MakesOneCall(context)
            ? RunAsync(context)
            : next(context);

    // An async method, so that the AsyncLocal deadline ends with it.
    private async Task RunAsync(HttpContext context)
    {
        RequestDeadline.Start(time, _life);
        await next(context);
    }
}
