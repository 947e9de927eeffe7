using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Grid.Engine.Runtime;

/// <summary>
/// The engine's spans: a call, and within it what it waited for (its turn, the activation of its grain) and the turn itself.
/// A call that is part of a recorded trace goes the long way, on which they are made; all others pay a comparison.
/// </summary>
internal static class EngineTraces
{
    private const string WaitName = "turn wait";
    private const string TurnName = "turn";
    private const string ActivateName = "activate";
    private const string GrainTypeTag = "grid.grain.type";

    private static readonly ActivitySource s_source = new(GrainEngine.SourceName);

    /// <summary>Whether the calling code is part of a trace that is recorded.</summary>
    internal static bool IsTraced
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_source.HasListeners() && Activity.Current is { Recorded: true };
    }

    /// <summary>Begins the span of a call to a grain; it is current for the caller's flow until somebody puts the old one back.</summary>
    internal static Activity? Call(GrainHost host, GrainMethod method)
    {
        var span = s_source.StartActivity(method.ToString(), ActivityKind.Client);
        span?.SetTag(GrainTypeTag, host.Tag.Value);
        return span;
    }

    /// <summary>The call has its turn: says how long it waited, and begins the turn's span as the current one.</summary>
    internal static Activity? Turn(Activity call, TimeSpan waited, DateTimeOffset now)
    {
        using (var wait = s_source.StartActivity(WaitName, ActivityKind.Internal, call.Context, startTime: now - waited))
        {
            wait?.SetEndTime(now.UtcDateTime);
        }

        return s_source.StartActivity(TurnName, ActivityKind.Internal, call.Context);
    }

    /// <summary>Begins the span of an activation on behalf of the call that waits for it.</summary>
    internal static Activity? Activate(GrainHost host, Activity call)
    {
        var span = s_source.StartActivity(ActivateName, ActivityKind.Internal, call.Context);
        span?.SetTag(GrainTypeTag, host.Tag.Value);
        return span;
    }

    /// <summary>Ends a span, on whatever stack, and leaves there what is current.</summary>
    internal static void End(Activity span, Exception? error)
    {
        if (error is not null)
        {
            span.SetTag("error.type", error.GetType().Name);
            span.SetStatus(ActivityStatusCode.Error);
        }

        var current = Activity.Current;
        span.Stop();
        if (!ReferenceEquals(current, span))
        {
            Activity.Current = current;
        }
    }
}
