using System.Diagnostics;
using Grid.Codec;
using Grid.Engine.Wire;

namespace Grid.Engine.Runtime;

/// <summary>A call that came from another silo: its caller is whoever takes the answer back there.</summary>
public abstract partial class PendingCall
{
    private static readonly Action<object?> s_reply = static state => ((PendingCall)state!).Reply();

    private ICallReplies? _replies;
    private long _replyId;

    internal bool IsInbound => _replies is not null;

    internal long ReplyId => _replyId;

    /// <summary>Makes it the call of another silo, before anything else is done with it.</summary>
    internal void PrepareInbound(GrainHost host, in GrainKey key, GrainMethod method, long id, ICallReplies replies)
    {
        Host = host;
        Key = key;
        Method = method;
        _replies = replies;
        _replyId = id;
    }

    /// <summary>The call does not end on this stack: it gets a deadline, and its end answers the other silo.</summary>
    internal void Detach(uint remainingMs)
    {
        _continuationState = this;
        _continuation = s_reply;
        var clock = Host.Engine.Clock;
        Prepare(Host, Key, Method, caller: null, Math.Max(1, clock.StepsIn(TimeSpan.FromMilliseconds(remainingMs))));
    }

    /// <summary>
    /// Makes the request inside a turn that the calling thread holds. When the grain's method completes at once the answer
    /// is written inside the turn, so that nothing need be copied, and the call is used up.
    /// </summary>
    internal abstract void RunInbound(in GrainTurn turn, uint remainingMs);

    /// <summary>Answers that the grain is not here. Whoever dispatches the call lets go of it then.</summary>
    internal void Disown()
    {
        if (TrySettle())
        {
            StopSpan(null);
            _replies!.NotOwner(_replyId, Host.Engine.Router.ViewVersion);
            Release();
        }

        Release();
    }

    /// <summary>Takes back a call that nobody but the calling thread knows.</summary>
    internal void Discard()
    {
        Reset();
        Recycle();
    }

    private protected void AnswerNow()
    {
        _replies!.Answer(_replyId, this);
        StopSpan(null);
    }

    private protected void FailNow(Exception error)
    {
        StopSpan(error);
        _replies!.Fail(_replyId, error);
    }

    private void Reply()
    {
        if (_error is { } error)
        {
            FailNow(error.SourceException);
        }
        else
        {
            try
            {
                AnswerNow();
            }
            catch (CodecException unwritable)
            {
                FailNow(unwritable);
            }
        }

        Release();
    }
}
