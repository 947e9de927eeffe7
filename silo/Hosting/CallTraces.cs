using System.Diagnostics;
using Grid.Silo.Telemetry;

namespace Grid.Silo.Hosting;

/// <summary>
/// The spans of grain calls: a call, and within it the turn of its grain, in whichever process that is. What is part of a recorded trace takes its place in it along; everything else pays a comparison.
/// </summary>
/// <remarks>
/// Not Orleans' own spans (<c>AddActivityPropagation</c>): those are made for every call as soon as somebody listens, traced or
/// not, and say the keys of grains and the messages of exceptions.
/// </remarks>
public static class CallTraces
{
    private const string SourceName = "Grid.Engine";
    private const string TurnName = "turn";
    private const string GrainTypeTag = "grid.grain.type";
    // W3C's name, under which Orleans' own code looks for it too.
    private const string ParentKey = "traceparent";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// Adds the spans of calls, and, in a silo, those of turns; nothing where no trace is sent anywhere, for even a filter
    /// that does nothing sends every call the longer way.
    /// </summary>
    public static IServiceCollection AddCallTraces(this IServiceCollection services, IConfiguration settings)
    {
        if (!GridTelemetry.IsTraced(settings))
            return services;
        services.AddSingleton<IOutgoingGrainCallFilter, Calls>();
        return services.AddSingleton<IIncomingGrainCallFilter, Turns>();
    }

    // Of Orleans' own errands, such as to its directory, a trace says nothing.
    private static bool IsOwn(GrainId target) => !target.Type.IsSystemTarget() && !target.Type.IsClient();

    private static void Fail(Activity? span, Exception fault)
    {
        // Never its message, which may quote.
        span?.SetTag("error.type", fault.GetType().Name);
        span?.SetStatus(ActivityStatusCode.Error);
    }

    private sealed class Calls : IOutgoingGrainCallFilter
    {
        /// <inheritdoc/>
        public Task Invoke(IOutgoingGrainCallContext context) =>
            Activity.Current is { Recorded: true } && IsOwn(context.TargetId) ? InvokeTraced(context) : context.Invoke();

        // An async method: what it makes current, and what it sends along, is forgotten when it returns to the caller.
        private static async Task InvokeTraced(IOutgoingGrainCallContext context)
        {
            using var span = Source.StartActivity($"{context.InterfaceMethod.DeclaringType!.Name}.{context.MethodName}", ActivityKind.Client);
            span?.SetTag(GrainTypeTag, context.TargetId.Type.ToString());
            if (span?.Id is { } place)
                RequestContext.Set(ParentKey, place);
            try
            {
                await context.Invoke();
            }
            catch (Exception fault)
            {
                Fail(span, fault);
                throw;
            }
            // A failed call leaves its fault in the response; one that could not be sent throws.
            if (context.Response?.Exception is { } failed)
                Fail(span, failed);
        }
    }

    private sealed class Turns : IIncomingGrainCallFilter
    {
        /// <inheritdoc/>
        public Task Invoke(IIncomingGrainCallContext context) =>
            RequestContext.Get(ParentKey) is string asker && IsOwn(context.TargetId) ? InvokeTraced(context, asker) : context.Invoke();

        private static async Task InvokeTraced(IIncomingGrainCallContext context, string asker)
        {
            _ = ActivityContext.TryParse(asker, null, isRemote: true, out var parent);
            using var span = Source.StartActivity(TurnName, ActivityKind.Server, parent);
            span?.SetTag(GrainTypeTag, context.TargetId.Type.ToString());
            try
            {
                await context.Invoke();
            }
            catch (Exception fault)
            {
                Fail(span, fault);
                throw;
            }
            if (context.Response?.Exception is { } failed)
                Fail(span, failed);
        }
    }
}
