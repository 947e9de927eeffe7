using System.Diagnostics;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Metrics;
using Grid.Gateway.Scans;

namespace Grid.Gateway.Tracing;

/// <summary>Counts, times and traces the requests of clients.</summary>
internal sealed class RequestWatch(
    RequestDelegate next,
    RequestMetrics metrics,
    RequestTraces traces,
    TimeProvider time
)
{
    public Task InvokeAsync(HttpContext context) =>
        Classify(context.Request.Path) is { } path ? WatchAsync(context, path) : next(context);

    /// <summary>The way through the house that a path stands for; null for what machines ask and for the pages.</summary>
    internal static RequestPath? Classify(PathString path)
    {
        // The usual spellings of the two busiest paths first.
        if (path.Value is CodesEndpoints.DisplayPath)
            return RequestPath.Display;
        if (path.Value is ScansEndpoints.ScanPath)
            return RequestPath.Scan;
        if (path.StartsWithSegments("/fhir", StringComparison.OrdinalIgnoreCase))
            return RequestPath.Results;
        if (!path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase, out var rest))
            return null;
        if (rest.StartsWithSegments("/me/code", StringComparison.OrdinalIgnoreCase))
            return RequestPath.Display;
        if (
            rest.StartsWithSegments("/scans", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWithSegments("/check-ins", StringComparison.OrdinalIgnoreCase)
        )
            return RequestPath.Scan;
        if (rest.StartsWithSegments("/results", StringComparison.OrdinalIgnoreCase))
            return RequestPath.Results;
        return rest.StartsWithSegments("/tubes", StringComparison.OrdinalIgnoreCase)
            ? RequestPath.Sampling
            : RequestPath.Other;
    }

    // An async method: the span that it makes current is forgotten when it returns to Kestrel.
    private async Task WatchAsync(HttpContext context, RequestPath path)
    {
        metrics.Begin();
        var startedAt = time.GetTimestamp();
        var span = traces.Begin(context, isHot: path is RequestPath.Display or RequestPath.Scan);
        try
        {
            await next(context);
        }
        finally
        {
            End(context, path, startedAt, span);
        }
    }

    private void End(HttpContext context, RequestPath path, long startedAt, Activity? span)
    {
        metrics.End(path, context.Response.StatusCode);
        // A refusal for overload took no work: its time would hide what admitted requests take.
        if (
            context.Features.Get<RequestFault>()
            is not { Tier: Faults.GatewayTier, Code.Status: StatusCodes.Status503ServiceUnavailable }
        )
            // While the span is current: the measurement takes it along as an example.
            metrics.Took(path, time.GetElapsedTime(startedAt));
        if (span is not null)
            traces.End(context, span);
        else
            traces.TraceLate(context, startedAt);
    }
}
