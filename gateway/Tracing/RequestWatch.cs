using System.Diagnostics;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Metrics;
using Grid.Gateway.Scans;

namespace Grid.Gateway.Tracing;

/// <summary>Counts, times and traces client requests.</summary>
internal sealed class RequestWatch(
    RequestDelegate next,
    RequestMetrics metrics,
    RequestTraces traces,
    TimeProvider time
)
{
    public Task InvokeAsync(HttpContext context) =>
        Classify(context.Request.Path) is { } path ? WatchAsync(context, path) : next(context);

    /// <summary>The request class of a path; null for probes, scrapes and pages.</summary>
    internal static RequestPath? Classify(PathString path)
    {
        // Test the usual spellings of the two busiest paths first.
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

    // An async method, so that its current span ends with it.
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
        // Exclude overload refusals: their short times would hide those of admitted requests.
        if (
            context.Features.Get<RequestFault>()
            is not { Tier: Faults.GatewayTier, Code.Status: StatusCodes.Status503ServiceUnavailable }
        )
            // Measure while the span is current, so that the measurement links to it as an exemplar.
            metrics.Took(path, time.GetElapsedTime(startedAt));
        if (span is not null)
            traces.End(context, span);
        else
            traces.TraceLate(context, startedAt);
    }
}
