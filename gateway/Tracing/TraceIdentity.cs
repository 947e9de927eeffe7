using System.Diagnostics;
using Grid.Gateway.Errors;

namespace Grid.Gateway.Tracing;

/// <summary>
/// The trace id of a request: its caller's, or one of its own. Made when somebody asks for it, which is when it is traced
/// or refused; it is the same in the answer, the log and the trace.
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

    /// <summary>The caller's place in a trace (W3C <c>traceparent</c>); false when it names none.</summary>
    internal static bool TryReadParent(HttpRequest request, out ActivityContext caller)
    {
        caller = default;
        return request.Headers.TraceParent is [{ } text]
            && ActivityContext.TryParse(text, null, isRemote: true, out caller);
    }
}

/// <summary>Why a request was answered with an error, and which tier is to be looked at.</summary>
internal sealed record RequestFault(ErrorCode Code, string Tier);
