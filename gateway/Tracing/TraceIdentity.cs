using System.Diagnostics;
using Grid.Gateway.Errors;

namespace Grid.Gateway.Tracing;

/// <summary>
/// The trace id of a request: the caller's or a new one. Created on first use, when the request is traced or refused;
/// equal in the answer, the log and the trace.
/// </summary>
internal sealed class TraceIdentity(ActivityTraceId traceId)
{
    internal ActivityTraceId TraceId => traceId;

    internal static TraceIdentity Of(HttpContext context)
    {
        if (context.Features.Get<TraceIdentity>() is { } known)
            return known;
        var made = new TraceIdentity(
            TryReadParent(context.Request, out var caller) ? caller.TraceId : ActivityTraceId.CreateRandom()
        );
        context.Features.Set(made);
        return made;
    }

    /// <summary>The caller's trace context (W3C <c>traceparent</c>); false when there is none.</summary>
    internal static bool TryReadParent(HttpRequest request, out ActivityContext caller)
    {
        caller = default;
        return request.Headers.TraceParent is [{ } text]
            && ActivityContext.TryParse(text, null, isRemote: true, out caller);
    }
}

/// <summary>The error of a failed request, and the tier in which it failed.</summary>
internal sealed record RequestFault(ErrorCode Code, string Tier);
