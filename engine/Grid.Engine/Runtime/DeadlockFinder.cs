using System.Runtime.CompilerServices;

namespace Grid.Engine.Runtime;

/// <summary>
/// Finds calls that wait for themselves: A waits for B, and B's call waits for A. A chain is followed only where it is
/// certain (each grain has one request in flight, and its caller awaits it), and is believed when it was there at two looks
/// with nothing having run in between. So a call that is merely slow is never taken for a deadlock.
/// </summary>
internal static class DeadlockFinder
{
    /// <summary>Steps of the clock between a call and its first look, and between two looks at a suspected chain.</summary>
    internal const int Steps = 2;

    private const int LongestChain = 64;

    /// <summary>Null: no cycle. Empty: a cycle, seen for the first time. Else the chain in words.</summary>
    internal static string? Look(PendingCall call)
    {
        var target = call.Target;
        if (target is null || !call.IsAwaited)
        {
            return null;
        }

        var print = 17UL;
        var words = new List<string>();
        var node = call.Caller;
        for (var links = 0; node is not null && links < LongestChain; links++)
        {
            var isTarget = ReferenceEquals(node, target);
            if (!node.TryReadRequest(call, isTarget, out var caller, out var method, ref print))
            {
                break;
            }

            words.Add($"{node.GrainId} {method}");
            if (isTarget)
            {
                return Believe(call, print, words);
            }

            node = caller;
        }

        call.Suspicion = 0;
        return null;
    }

    private static string Believe(PendingCall call, ulong print, List<string> words)
    {
        if (call.Suspicion != print)
        {
            call.Suspicion = print;
            return "";
        }

        words.Reverse();
        words.Add($"{call.GrainId} {call.Method}");
        return string.Join(" → ", words);
    }

    internal static ulong Mix(ulong print, object thing, long number) =>
        ((print * 31) ^ (uint)RuntimeHelpers.GetHashCode(thing)) * 0x9E3779B97F4A7C15 + (ulong)number;
}

public partial class Activation
{
    /// <summary>The request in flight that a chain of waiting calls leads through.</summary>
    /// <param name="blocked">The call at the end of the chain.</param>
    /// <param name="isTarget">Whether that call waits here.</param>
    /// <param name="caller">Who made the request.</param>
    /// <param name="method">What the request calls.</param>
    /// <param name="print">Changes with anything that has happened here.</param>
    internal bool TryReadRequest(PendingCall blocked, bool isTarget, out Activation? caller, out string method, ref ulong print)
    {
        caller = null;
        method = "";
        lock (Stripe)
        {
            if (_work is not { InFlight: { } request } work || work.HasItems || (_state & TurnState.Executing) != 0)
            {
                return false;
            }

            // With several in flight nobody knows which of them called; at the end of the chain all of them must end.
            var certain = isTarget
                ? !TurnState.MayStart(_state, blocked.Method.Kind) && _state < TurnState.Interleaver
                : request.NextInFlight is null;
            if (!certain || (!isTarget && (request.IsSettled || !request.IsAwaited)))
            {
                return false;
            }

            print = DeadlockFinder.Mix(DeadlockFinder.Mix(print, work, work.Runs), request, request.Version);
            caller = request.Caller;
            method = request.Method.Name;
            return true;
        }
    }
}
