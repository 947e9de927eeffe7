using System.Diagnostics;
using System.Net;
using Grid.Gateway.Errors;
using Grid.Hosting.Telemetry;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Tracing;

/// <summary>
/// The gateway's spans. Only this class selects the traced requests: a sampled share, those whose caller asks for it,
/// and, afterwards, those that failed in the grid or were slow.
/// </summary>
internal sealed class RequestTraces
{
    /// <summary>The source of the gateway's spans.</summary>
    internal const string SourceName = "Grid.Gateway";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly TelemetryOptions _options;
    private readonly TimeProvider _time;
    private readonly SpanBudget _asked;
    private readonly SpanBudget _late;

    public RequestTraces(IOptions<TelemetryOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _asked = new SpanBudget(_options.AskedTracesPerSecondMax, time);
        _late = new SpanBudget(_options.LateTracesPerSecondMax, time);
    }

    /// <summary>
    /// Starts the span of a traced request and makes it current; null for all others, which is cheap without listeners.
    /// Call it only in an async method.
    /// </summary>
    internal Activity? Begin(HttpContext context, bool isHot)
    {
        if (!Source.HasListeners())
            return null;
        var asked = TraceIdentity.TryReadParent(context.Request, out var caller);
        var traced =
            (asked && (caller.TraceFlags & ActivityTraceFlags.Recorded) != 0 && _asked.TryTake())
            || IsDrawn(isHot ? _options.HotTraceRatio : _options.TraceRatio);
        return traced
            ? Source.StartActivity(MethodOf(context.Request), ActivityKind.Server, ParentOf(context, caller))
            : null;
    }

    /// <summary>Ends the span of an answered request.</summary>
    internal void End(HttpContext context, Activity span)
    {
        Describe(context, span);
        span.Stop();
    }

    /// <summary>Traces an untraced request afterwards if it failed or was slow.</summary>
    /// <param name="context">The answered request.</param>
    /// <param name="startedAt">The timestamp of its arrival.</param>
    internal void TraceLate(HttpContext context, long startedAt)
    {
        var took = _time.GetElapsedTime(startedAt);
        var failed = context.Response.StatusCode >= StatusCodes.Status500InternalServerError;
        if ((!failed && took < _options.SlowAfter) || !Source.HasListeners() || !_late.TryTake())
            return;
        TraceIdentity.TryReadParent(context.Request, out var caller);
        var current = Activity.Current;
        var span = Source.StartActivity(
            MethodOf(context.Request),
            ActivityKind.Server,
            ParentOf(context, caller),
            startTime: _time.GetUtcNow() - took
        );
        if (span is null)
            return;
        span.SetTag("grid.late", failed ? "failed" : "slow");
        End(context, span);
        Activity.Current = current;
    }

    private static void Describe(HttpContext context, Activity span)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var method = MethodOf(context.Request);
        var status = context.Response.StatusCode;
        // Never the path itself: it can contain an id.
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", status);
        if (context.Features.Get<RequestFault>() is { } failure)
        {
            span.SetTag("error.type", failure.Code.Code);
            span.SetTag("grid.tier", failure.Tier);
        }
        if (status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    private static ActivityContext ParentOf(HttpContext context, in ActivityContext caller) =>
        new(TraceIdentity.Of(context).TraceId, caller.SpanId, ActivityTraceFlags.Recorded, isRemote: true);

    private static bool IsDrawn(double ratio) => ratio > 0 && Random.Shared.NextDouble() < ratio;

    // The caller chooses the method's text, so repeat only known methods.
    private static string MethodOf(HttpRequest request) =>
        HttpMethods.GetCanonicalizedValue(request.Method) switch
        {
            "GET" or "POST" or "PUT" or "DELETE" or "HEAD" or "OPTIONS" or "PATCH" => HttpMethods.GetCanonicalizedValue(
                request.Method
            ),
            _ => "_OTHER",
        };
}
