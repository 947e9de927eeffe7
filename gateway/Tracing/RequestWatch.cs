using Grid.Gateway.Metrics;

namespace Grid.Gateway.Tracing;

/// <summary>Counts, times and traces the requests of clients.</summary>
internal sealed class RequestWatch(RequestMetrics metrics, RequestTraces traces, TimeProvider time)
{
    /// <summary>The way through the house that a path stands for; null for what machines ask and for the pages.</summary>
    internal static RequestPath? Classify(PathString path)
    {
        if (path.StartsWithSegments("/fhir", StringComparison.OrdinalIgnoreCase))
            return RequestPath.Results;
        if (!path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase, out var rest))
            return null;
        if (rest.StartsWithSegments("/me/code", StringComparison.OrdinalIgnoreCase))
            return RequestPath.Display;
        if (rest.StartsWithSegments("/scans", StringComparison.OrdinalIgnoreCase) || rest.StartsWithSegments("/check-ins", StringComparison.OrdinalIgnoreCase))
            return RequestPath.Scan;
        if (rest.StartsWithSegments("/results", StringComparison.OrdinalIgnoreCase))
            return RequestPath.Results;
        return rest.StartsWithSegments("/tubes", StringComparison.OrdinalIgnoreCase) ? RequestPath.Sampling : RequestPath.Other;
    }

    /// <summary>A request has come. Each is to be ended.</summary>
    internal void Begin() => metrics.Begin();

    /// <summary>Runs a request with a span around it, if it is to have one; null when it is not.</summary>
    internal Task? TryTrace(HttpContext context, RequestPath path, bool hot, Func<HttpContext, Task> serve)
        => traces.IsTraced(context, hot, out var parent) ? TraceAsync(context, path, parent, serve) : null;

    /// <summary>A request was answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Which way it went.</param>
    /// <param name="started">When it came, as a timestamp; 0 when that was not looked at.</param>
    /// <param name="timed">Whether its time is to be recorded.</param>
    internal void End(HttpContext context, RequestPath path, long started, bool timed)
    {
        metrics.End(path, context.Response.StatusCode);
        if (timed)
            metrics.Took(path, time.GetElapsedTime(started));
        if (started != 0 || context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            traces.TraceLate(context, started);
    }

    // An async method: what it makes current is forgotten when it returns to Kestrel.
    private async Task TraceAsync(HttpContext context, RequestPath path, System.Diagnostics.ActivityContext parent, Func<HttpContext, Task> serve)
    {
        var span = traces.Begin(context, parent);
        var started = time.GetTimestamp();
        try
        {
            await serve(context);
        }
        finally
        {
            metrics.End(path, context.Response.StatusCode);
            // While the span is current: the measurement takes it along as an example.
            metrics.Took(path, time.GetElapsedTime(started));
            if (span is not null)
                traces.End(context, span);
        }
    }
}

/// <summary>Watches the requests that go through routing.</summary>
internal sealed class RequestWatching(RequestDelegate next, RequestWatch watch, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (RequestWatch.Classify(context.Request.Path) is not { } path)
            return next(context);
        watch.Begin();
        return watch.TryTrace(context, path, hot: false, next.Invoke) ?? WatchAsync(context, path);
    }

    private async Task WatchAsync(HttpContext context, RequestPath path)
    {
        var started = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            watch.End(context, path, started, timed: true);
        }
    }
}
