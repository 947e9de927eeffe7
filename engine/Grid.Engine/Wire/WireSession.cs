using System.Runtime.CompilerServices;
using Grid.Codec;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>What became of a call that was given to a session.</summary>
internal enum SendOutcome
{
    /// <summary>It is on its way, or has failed for a reason of its own.</summary>
    Taken,

    /// <summary>There is no room; nothing was done.</summary>
    Full,

    /// <summary>The session takes no more calls; nothing was done.</summary>
    Closed,
}

/// <summary>
/// One side of a connection after the first frames: calls and answers in, bytes out, and the other way round. It knows no
/// sockets and no threads: whoever drives it brings bytes to <see cref="Consume"/> and takes them from
/// <see cref="TryTake"/>. Safe on any number of threads, but for Consume, which one at a time may call.
/// </summary>
internal sealed partial class WireSession : ICallReplies
{
    private const int ControlsMax = 256;

    // Every so many calls one is timed.
    private const int RoundTripSample = 16;

    private readonly Lock _gate = new();
    private readonly CallSlots _slots = new();
    private readonly SessionParts _parts;
    private readonly Action _wake;
    private FrameBuffer _waiting = new();
    private FrameBuffer _sending = new();
    private long _taken;
    private long _heardAt;
    private long _probedAt;
    private ulong _probes;
    private int _inbound;
    private int _controls;
    private int _corkedBy;
    private uint _sent;
    private bool _isFlushing;
    private bool _isLeaving;
    private volatile bool _isClosed;

    /// <param name="parts">What all sessions of a network share.</param>
    /// <param name="peer">What the other side said of itself.</param>
    /// <param name="wake">Called when there is something to send and nobody sends; never twice before <see cref="TryTake"/> was false.</param>
    internal WireSession(SessionParts parts, Hello peer, Action wake)
    {
        _parts = parts;
        _wake = wake;
        Peer = peer;
        CallsMax = Math.Min(parts.Options.CallsMax, peer.CallsMax);
        _heardAt = parts.Time.GetTimestamp();
    }

    internal Hello Peer { get; }

    /// <summary>The version of the protocol that both sides speak.</summary>
    internal int Version { get; init; } = WireProtocol.Newest;

    /// <summary>How many calls to the other side may be under way.</summary>
    internal int CallsMax { get; }

    /// <summary>Calls to the other side that are under way.</summary>
    internal int Outbound => _slots.Count;

    /// <summary>Calls of the other side that are under way.</summary>
    internal int Inbound => Volatile.Read(ref _inbound);

    /// <summary>Bytes that the stream has not taken yet.</summary>
    internal int QueuedBytes => _waiting.Length + _sending.Length;

    /// <summary>The other side takes no more calls: new ones need another connection.</summary>
    internal bool IsLeaving => Volatile.Read(ref _isLeaving);

    /// <summary>The other side does not take what it is sent: it should not be read for now.</summary>
    internal bool IsFull => QueuedBytes >= _parts.Options.QueuedBytesMax;

    /// <summary>Sends a call, and owns it if it is taken.</summary>
    internal SendOutcome Send(PendingCall call, ICallReturns returns)
    {
        Exception? unwritable = null;
        bool wakes;
        lock (_gate)
        {
            if (_isClosed || _isLeaving)
            {
                return SendOutcome.Closed;
            }

            if (_slots.Count >= CallsMax || IsFull)
            {
                return SendOutcome.Full;
            }

            var id = _slots.Add(call, returns, _taken + _waiting.Length);
            try
            {
                Frames.WriteCall(_waiting, id, call, call.RemainingMs);
            }
            catch (Exception error)
            {
                _slots.TryTake(id, out _);
                unwritable = error;
            }

            if (++_sent % RoundTripSample == 0 && unwritable is null && _parts.Metrics.TimesRoundTrips)
            {
                _slots.Stamp(id, _parts.Time.GetTimestamp());
            }

            wakes = Wakes();
        }

        if (unwritable is not null)
        {
            call.SetException(unwritable);
            call.LetGo();
        }

        if (wakes)
        {
            _wake();
        }

        return SendOutcome.Taken;
    }

    /// <summary>Sends a control message whose answer is awaited.</summary>
    internal SendOutcome Send(ControlWait wait)
    {
        lock (_gate)
        {
            if (_isClosed || _isLeaving)
            {
                return SendOutcome.Closed;
            }

            if (_slots.Count >= CallsMax + ControlsMax || IsFull)
            {
                return SendOutcome.Full;
            }

            Frames.WriteControl(_waiting, _slots.Add(wait, null, _taken + _waiting.Length), wait.Kind, wait.Body.Span);
        }

        Wake();
        return SendOutcome.Taken;
    }

    /// <summary>Sends a control message that nobody answers; it is dropped when there is no room.</summary>
    internal void Push(byte kind, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            if (_isClosed || IsFull)
            {
                return;
            }

            Frames.WriteControl(_waiting, 0, kind, body);
        }

        Wake();
    }

    /// <summary>Says that this side takes no more calls; what it has it will answer.</summary>
    internal void SayGoAway(string reason)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            Frames.WriteGoAway(_waiting, reason);
        }

        Wake();
    }

    public void Answer(long id, PendingCall call)
    {
        lock (_gate)
        {
            // Written first: if the result can't be, the call is still under way and fails.
            if (!_isClosed)
            {
                Frames.WriteResult(_waiting, id, call);
            }

            Interlocked.Decrement(ref _inbound);
        }

        Wake();
    }

    public void Fail(long id, Exception error)
    {
        lock (_gate)
        {
            Interlocked.Decrement(ref _inbound);
            if (!_isClosed)
            {
                Frames.WriteError(_waiting, id, error);
            }
        }

        Wake();
    }

    public void NotOwner(long id, long viewVersion)
    {
        lock (_gate)
        {
            Interlocked.Decrement(ref _inbound);
            if (!_isClosed)
            {
                Frames.WriteNotOwner(_waiting, id, viewVersion);
            }
        }

        Wake();
    }

    /// <summary>
    /// Takes all bytes that wait. What was taken before is sent now, or never will be: one at a time may send.
    /// </summary>
    /// <returns>False when there is nothing left; the sender then rests until it is woken.</returns>
    internal bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            _sending.Clear();
            if (_waiting.Length == 0 || _isClosed)
            {
                _isFlushing = false;
                bytes = default;
                return false;
            }

            (_waiting, _sending) = (_sending, _waiting);
            _taken += _sending.Length;
            bytes = _sending.Written;
        }

        _parts.Metrics.Sent(bytes.Length);
        return true;
    }

    /// <summary>
    /// Ends the session: calls whose frames nobody took come back, so do unanswered reads; of the others the outcome is unknown.
    /// </summary>
    internal void Close(string reason)
    {
        var left = new List<CallSlots.Slot>();
        long taken;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            taken = _taken;
            _slots.TakeAll(left);
        }

        foreach (var slot in left)
        {
            GiveUp(slot, isSent: slot.Start < taken, reason);
        }
    }

    private static void GiveUp(in CallSlots.Slot slot, bool isSent, string reason)
    {
        switch (slot.Waiter)
        {
            case ControlWait wait when isSent:
                wait.TrySetException(new LostAnswerException($"{reason} Whether the message was handled is unknown."));
                break;
            case ControlWait wait:
                wait.TrySetException(new GrainUnavailableException($"{reason} The message was not sent."));
                break;
            case PendingCall { IsEnded: true } ended:
                ended.LetGo();
                break;
            case PendingCall call when !isSent:
                slot.Returns!.Return(call, ReturnReason.NotSent, 0);
                break;
            case PendingCall { Method.IsReadOnly: true } read:
                slot.Returns!.Return(read, ReturnReason.Unanswered, 0);
                break;
            case PendingCall call:
                call.SetException(new LostAnswerException($"{reason} Whether {call.Method} of {call.GrainId} was done is unknown."));
                call.LetGo();
                break;
        }
    }

    // Under the lock.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Wakes()
    {
        if (_isFlushing || _waiting.Length == 0 || _corkedBy == Environment.CurrentManagedThreadId)
        {
            return false;
        }

        return _isFlushing = true;
    }

    private void Wake()
    {
        bool wakes;
        lock (_gate)
        {
            wakes = Wakes();
        }

        if (wakes)
        {
            _wake();
        }
    }
}
