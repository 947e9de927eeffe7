using Grid.Gateway.Hosting;
using Grid.Gateway.Requests;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Calls;

/// <summary>
/// When all grain calls of a request are over: no caller waits longer, however many calls its request makes.
/// </summary>
internal sealed class RequestDeadline
{
    private static readonly AsyncLocal<RequestDeadline?> Flow = new();

    // Nearly all of the deadline is left: what came before the commit took no time.
    private const double StartsAtOnce = 0.9;

    private readonly TimeProvider _time;
    private readonly TimeSpan _life;

    private RequestDeadline(TimeProvider time, TimeSpan life)
    {
        (_time, _life) = (time, life);
        End = EndFrom(time, life);
    }

    /// <summary>The deadline of the request that runs here; null outside of one.</summary>
    internal static RequestDeadline? Current => Flow.Value;

    /// <summary>The end as a timestamp.</summary>
    internal long End { get; }

    private TimeSpan Left =>
        _time.GetElapsedTime(_time.GetTimestamp(), End) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Starts one for the calls that the present async method makes.</summary>
    internal static void Start(TimeProvider time, TimeSpan life) => Flow.Value = new RequestDeadline(time, life);

    /// <summary>
    /// Ends the wait for a commit of this process's own store at the deadline. A commit that starts at once has the store's
    /// shorter time-out and needs no timer of ours.
    /// </summary>
    /// <exception cref="TimeoutException">The deadline has passed. The commit may still be made.</exception>
    internal static ValueTask<T> Bound<T>(ValueTask<T> commit) =>
        commit.IsCompleted || Current is not { } deadline || deadline.Left > deadline._life * StartsAtOnce
            ? commit
            : new ValueTask<T>(commit.AsTask().WaitAsync(deadline.Left, deadline._time));

    /// <summary>Starts it anew: each line of a stream has its own.</summary>
    internal static void Restart()
    {
        if (Current is { } deadline)
            Start(deadline._time, deadline._life);
    }

    internal static long EndFrom(TimeProvider time, TimeSpan life) =>
        time.GetTimestamp() + (long)(life.TotalSeconds * time.TimestampFrequency);
}

/// <summary>
/// Starts the deadline of each request. A route that makes one call at most has none: that call's own time-out is as
/// short, and a display that needs no call pays nothing for it.
/// </summary>
internal sealed class RequestDeadlines(RequestDelegate next, IOptions<GatewayOptions> options, TimeProvider time)
{
    private readonly TimeSpan _life = options.Value.CallDeadline;

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint && !RouteLimits.MakesOneCall(context)
            ? RunAsync(context)
            : next(context);

    // An async method: the deadline is forgotten when it returns.
    private async Task RunAsync(HttpContext context)
    {
        RequestDeadline.Start(time, _life);
        await next(context);
    }
}
