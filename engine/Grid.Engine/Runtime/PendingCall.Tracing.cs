using System.Diagnostics;

namespace Grid.Engine.Runtime;

/// <summary>The spans of a call that is part of a trace.</summary>
public abstract partial class PendingCall
{
    // Of the call as a whole: what it is sent with, and what its turn lies in. Null for almost all calls.
    internal Activity? Span;

    private Activity? _turn;

    /// <summary>Begins the turn's span. Within the caller's flow, which is put aside afterwards.</summary>
    private void BeginTurn()
    {
        if (Span is { } span)
        {
            var time = Host.Engine.Time;
            _turn = EngineTraces.Turn(span, time.GetElapsedTime(QueuedAt), time.GetUtcNow());
        }
    }

    /// <summary>The request has ended in its activation.</summary>
    internal void EndTurn(Exception? error)
    {
        if (_turn is { } turn)
        {
            _turn = null;
            EngineTraces.End(turn, error);
        }
    }

    private void StopSpan(Exception? error)
    {
        if (Interlocked.Exchange(ref Span, null) is { } span)
        {
            EngineTraces.End(span, error);
        }
    }
}
