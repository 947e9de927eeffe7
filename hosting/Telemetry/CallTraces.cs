using System.Diagnostics;

namespace Grid.Hosting.Telemetry;

/// <summary>
/// The spans of grain calls: the call, and within it the grain's turn in the hosting process. A call of a recorded
/// trace carries its trace context; any other call costs one comparison.
/// </summary>
/// <remarks>
/// Replaces Orleans' own spans (<c>AddActivityPropagation</c>): with a listener Orleans creates them for every call,
/// and they contain grain keys and exception messages.
/// </remarks>
public static class CallTraces
{
    private const string SourceName = "Grid.Calls";
    private const string TurnName = "turn";
    private const string GrainTypeTag = "grid.grain.type";

    // The W3C header name, which Orleans' own code reads too.
    private const string ParentKey = "traceparent";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// Adds the spans of calls and, in a silo, of turns. Adds nothing when no trace is exported: even an idle filter
    /// slows every call.
    /// </summary>
    public static IServiceCollection AddCallTraces(this IServiceCollection services, IConfiguration settings)
    {
        if (!GridTelemetry.IsTraced(settings))
            return services;
        services.AddSingleton<IOutgoingGrainCallFilter, Calls>();
        return services.AddSingleton<IIncomingGrainCallFilter, Turns>();
    }

    // Orleans' own calls, such as those to its directory, are not traced.
    private static bool IsOwn(GrainId target) => !target.Type.IsSystemTarget() && !target.Type.IsClient();

    private static void Fail(Activity? span, Exception exception)
    {
        // Never the message, which may quote the request.
        span?.SetTag("error.type", exception.GetType().Name);
        span?.SetStatus(ActivityStatusCode.Error);
    }

    private sealed class Calls : IOutgoingGrainCallFilter
    {
        /// <inheritdoc/>
        public Task Invoke(IOutgoingGrainCallContext context) =>
            Activity.Current is { Recorded: true } && IsOwn(context.TargetId)
                ? InvokeTracedAsync(context)
                : context.Invoke();

        // An async method, so that the current span and the request context end with it.
        private static async Task InvokeTracedAsync(IOutgoingGrainCallContext context)
        {
            using var span = Source.StartActivity(
                $"{context.InterfaceMethod.DeclaringType!.Name}.{context.MethodName}",
                ActivityKind.Client
            );
            span?.SetTag(GrainTypeTag, context.TargetId.Type.ToString());
            if (span?.Id is { } place)
                RequestContext.Set(ParentKey, place);
            try
            {
                await context.Invoke();
            }
            catch (Exception exception)
            {
                Fail(span, exception);
                throw;
            }
            // A failed call has its exception in the response; a call that could not be sent throws.
            if (context.Response?.Exception is { } failed)
                Fail(span, failed);
        }
    }

    private sealed class Turns : IIncomingGrainCallFilter
    {
        /// <inheritdoc/>
        public Task Invoke(IIncomingGrainCallContext context) =>
            RequestContext.Get(ParentKey) is string asker && IsOwn(context.TargetId)
                ? InvokeTracedAsync(context, asker)
                : context.Invoke();

        private static async Task InvokeTracedAsync(IIncomingGrainCallContext context, string asker)
        {
            _ = ActivityContext.TryParse(asker, null, isRemote: true, out var parent);
            using var span = Source.StartActivity(TurnName, ActivityKind.Server, parent);
            span?.SetTag(GrainTypeTag, context.TargetId.Type.ToString());
            try
            {
                await context.Invoke();
            }
            catch (Exception exception)
            {
                Fail(span, exception);
                throw;
            }
            if (context.Response?.Exception is { } failed)
                Fail(span, failed);
        }
    }
}
