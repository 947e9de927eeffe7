using Grid.Codec;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>What came from the other side.</summary>
internal sealed partial class WireSession
{
    /// <summary>
    /// Handles all frames that are complete. What the calling thread answers meanwhile waits until this returns, and then
    /// goes out at once: many answers in one packet.
    /// </summary>
    /// <param name="input">What came and was not consumed.</param>
    /// <returns>How much of it was consumed; less than there is when the other side does not take its answers.</returns>
    /// <exception cref="CodecException">The input is damaged; the connection is of no use any more.</exception>
    internal int Consume(ReadOnlySpan<byte> input)
    {
        Volatile.Write(ref _heardAt, _parts.Time.GetTimestamp());
        var used = 0;
        _corkedBy = Environment.CurrentManagedThreadId;
        try
        {
            while (Frames.TryRead(input[used..], WireLimits.FrameBytesMax, out var kind, out var body) is var length and > 0)
            {
                if (kind == FrameKind.Call && IsFull)
                {
                    // Answers alone are taken then: if both sides waited for each other to read, neither would.
                    break;
                }

                used += length;
                Handle(kind, body);
            }
        }
        finally
        {
            _corkedBy = 0;
            Wake();
        }

        return used;
    }

    /// <summary>The time has gone on: asks whether the other side is there, and forgets calls that nobody awaits.</summary>
    /// <returns>False when the other side has been silent for too long.</returns>
    internal bool Tick()
    {
        var now = _parts.Time.GetTimestamp();
        var silence = _parts.Time.GetElapsedTime(Volatile.Read(ref _heardAt), now);
        if (silence >= _parts.Options.LostAfter)
        {
            return false;
        }

        var ended = new List<CallSlots.Slot>();
        lock (_gate)
        {
            if (_isClosed)
            {
                return true;
            }

            _slots.TakeEnded(ended);
            if (silence >= _parts.Options.ProbeAfter && _parts.Time.GetElapsedTime(_probedAt, now) >= _parts.Options.ProbeAfter)
            {
                _probedAt = now;
                Frames.WriteProbe(_waiting, FrameKind.Ping, ++_probes);
            }
        }

        foreach (var slot in ended)
        {
            (slot.Waiter as PendingCall)?.LetGo();
        }

        Wake();
        return true;
    }

    /// <summary>This process itself was stopped for a while: the other side's silence says nothing.</summary>
    internal void Pardon() => Volatile.Write(ref _heardAt, _parts.Time.GetTimestamp());

    private void Handle(FrameKind kind, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case FrameKind.Call:
                ReceiveCall(Frames.ReadCall(body));
                break;
            case FrameKind.Result:
                EndCall(body);
                break;
            case FrameKind.Error:
                FailCall(body);
                break;
            case FrameKind.NotOwner:
                ReturnCall(body);
                break;
            case FrameKind.Control:
                ReceiveControl(body);
                break;
            case FrameKind.ControlAnswer:
                EndControl(body);
                break;
            case FrameKind.GoAway:
                Volatile.Write(ref _isLeaving, true);
                _parts.Left(this, Frames.ReadGoAway(body));
                break;
            case FrameKind.Ping:
                AnswerPing(Frames.ReadProbe(body));
                break;
            default:
                // A pong, whose coming was enough; or a frame of a newer version.
                break;
        }
    }

    private void ReceiveCall(in InboundCall call)
    {
        if (Interlocked.Increment(ref _inbound) > _parts.Options.CallsMax)
        {
            _parts.Metrics.Refused(WireRefusal.Calls);
            Fail(call.Id, new GrainOverloadedException($"{_parts.Options.CallsMax} calls are under way on the connection already."));
        }
        else if (_parts.Receiver is { } receiver)
        {
            receiver.Receive(call, this);
        }
        else
        {
            NotOwner(call.Id, 0);
        }
    }

    private bool TryTake(long id, out CallSlots.Slot slot)
    {
        bool found;
        lock (_gate)
        {
            found = _slots.TryTake(id, out slot);
        }

        if (found && slot.SentAt != 0)
        {
            _parts.Metrics.RoundTrip(slot.SentAt);
        }

        return found;
    }

    private void EndCall(ReadOnlySpan<byte> body)
    {
        if (TryTake(Frames.ReadAnswerId(body, out var rest), out var slot) && slot.Waiter is PendingCall call)
        {
            try
            {
                var reader = new CodecReader(rest);
                call.SetResult(ref reader);
            }
            catch (CodecException damage)
            {
                call.SetException(damage);
            }

            call.LetGo();
        }
    }

    private void FailCall(ReadOnlySpan<byte> body)
    {
        var id = Frames.ReadAnswerId(body, out var rest);
        var error = Frames.ReadError(rest);
        if (!TryTake(id, out var slot))
        {
            return;
        }

        if (slot.Waiter is PendingCall call)
        {
            call.SetException(error);
            call.LetGo();
        }
        else
        {
            (slot.Waiter as ControlWait)?.TrySetException(error);
        }
    }

    private void ReturnCall(ReadOnlySpan<byte> body)
    {
        var (id, version) = Frames.ReadNotOwner(body);
        if (TryTake(id, out var slot) && slot.Waiter is PendingCall call)
        {
            slot.Returns!.Return(call, ReturnReason.NotOwner, version);
        }
    }

    private void AnswerPing(ulong number)
    {
        lock (_gate)
        {
            if (!_isClosed && !IsFull)
            {
                Frames.WriteProbe(_waiting, FrameKind.Pong, number);
            }
        }
    }

    private void EndControl(ReadOnlySpan<byte> body)
    {
        if (TryTake(Frames.ReadAnswerId(body, out var rest), out var slot))
        {
            (slot.Waiter as ControlWait)?.TrySetResult(rest.ToArray());
        }
    }

    private void ReceiveControl(ReadOnlySpan<byte> body)
    {
        var id = Frames.ReadControl(body, out var kind, out var message);
        if (Interlocked.Increment(ref _controls) > ControlsMax)
        {
            Interlocked.Decrement(ref _controls);
            FailControl(id, new GrainOverloadedException($"{ControlsMax} control messages are being handled already."));
            return;
        }

        // Not on this thread: a handler may ask the store, and answers behind the message must not wait for it.
        _parts.Queue(new ControlWork(this, id, kind, message.ToArray()));
    }

    private void FailControl(long id, Exception error)
    {
        if (id == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (!_isClosed)
            {
                Frames.WriteError(_waiting, id, error);
            }
        }

        Wake();
    }

    private async Task HandleControlAsync(long id, byte kind, ReadOnlyMemory<byte> message)
    {
        try
        {
            var handler = _parts.Handler() ?? throw new NotSupportedException("Nobody handles control messages here.");
            var answer = await handler.HandleAsync(kind, message);
            if (answer.Length > WireLimits.ControlBytesMax)
            {
                throw new CodecException($"The answer to a control message has {answer.Length} bytes; {WireLimits.ControlBytesMax} are the limit.");
            }

            if (id == 0)
            {
                return;
            }

            lock (_gate)
            {
                if (!_isClosed)
                {
                    Frames.WriteControlAnswer(_waiting, id, answer.Span);
                }
            }

            Wake();
        }
        catch (Exception error)
        {
            FailControl(id, error);
        }
        finally
        {
            Interlocked.Decrement(ref _controls);
        }
    }

    private sealed class ControlWork(WireSession session, long id, byte kind, byte[] message) : IThreadPoolWorkItem
    {
        public void Execute() => _ = session.HandleControlAsync(id, kind, message);
    }
}
