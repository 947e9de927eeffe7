using Grid.Engine.Hosting;
using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>
/// One connection to a silo over time: made when it is needed, made again after it was lost, with a growing pause between
/// attempts. What is sent meanwhile waits for the attempt, and comes back if it fails.
/// </summary>
internal sealed class SiloLine(SocketNetwork network, SiloAddress address) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private List<Waiter> _waiting = [];
    private WireSession? _session;
    private bool _isConnecting;
    private bool _wasConnected;
    private int _failures;

    internal bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _session is null && !_isConnecting;
            }
        }
    }

    internal void Send(PendingCall call, ICallReturns returns)
    {
        while (true)
        {
            var session = Volatile.Read(ref _session);
            switch (session?.Send(call, returns) ?? SendOutcome.Closed)
            {
                case SendOutcome.Taken:
                    return;
                case SendOutcome.Full:
                    Refuse(call, session!.IsFull ? WireRefusal.Bytes : WireRefusal.Calls);
                    return;
            }

            switch (Wait(new Waiter(call, returns), session))
            {
                case SendOutcome.Taken:
                    return;
                case SendOutcome.Full:
                    Refuse(call, WireRefusal.Calls);
                    return;
                default:
                    // Connected in between: once more.
                    break;
            }
        }
    }

    internal void Send(ControlWait wait)
    {
        while (true)
        {
            var session = Volatile.Read(ref _session);
            var outcome = session?.Send(wait) ?? SendOutcome.Closed;
            if (outcome == SendOutcome.Closed)
            {
                outcome = Wait(new Waiter(wait, null), session);
            }

            switch (outcome)
            {
                case SendOutcome.Taken:
                    return;
                case SendOutcome.Full:
                    wait.TrySetException(new GrainOverloadedException($"Too much is on its way to the silo at {address} already."));
                    return;
                default:
                    break;
            }
        }
    }

    /// <summary>The silo takes no more calls on this session, or the session has ended.</summary>
    internal void Drop(WireSession session) => Interlocked.CompareExchange(ref _session, null, session);

    /// <summary>Connects, if it should.</summary>
    void IThreadPoolWorkItem.Execute() => _ = ConnectAsync();

    private void Refuse(PendingCall call, WireRefusal reason)
    {
        network.Metrics.Refused(reason);
        call.SetException(new GrainOverloadedException(
            $"Too many calls are on their way to the silo at {address} already; {call.Method} of {call.GrainId} was refused."));
        call.LetGo();
    }

    /// <summary>Waits for the next session. Closed: there is one already, so the sender should use that.</summary>
    private SendOutcome Wait(in Waiter waiter, WireSession? tried)
    {
        var connects = false;
        lock (_gate)
        {
            if (_session is { } session && !ReferenceEquals(session, tried))
            {
                return SendOutcome.Closed;
            }

            if (_waiting.Count >= network.Options.CallsMax)
            {
                return SendOutcome.Full;
            }

            _session = null;
            _waiting.Add(waiter);
            connects = !_isConnecting;
            _isConnecting = true;
        }

        if (connects)
        {
            network.Queue(this);
        }

        return SendOutcome.Taken;
    }

    private async Task ConnectAsync()
    {
        SocketLink? link = null;
        var reason = "";
        try
        {
            await network.PauseAsync(_failures).ConfigureAwait(false);
            link = await network.ConnectAsync(address).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            reason = error.Message;
        }

        List<Waiter> waiting;
        lock (_gate)
        {
            (waiting, _waiting) = (_waiting, []);
            _isConnecting = false;
            _failures = link is null ? _failures + 1 : 0;
            _session = link?.Session;
        }

        network.Metrics.Connected(link is not null, _wasConnected);
        if (link is null)
        {
            GiveBack(waiting, reason);
            network.Lost(address);
            return;
        }

        _wasConnected = true;
        foreach (var waiter in waiting)
        {
            if (waiter.Item is PendingCall call)
            {
                Send(call, waiter.Returns!);
            }
            else
            {
                Send((ControlWait)waiter.Item);
            }
        }

        await network.RunAsync(link, this, address).ConfigureAwait(false);
    }

    private void GiveBack(List<Waiter> waiting, string reason)
    {
        foreach (var waiter in waiting)
        {
            switch (waiter.Item)
            {
                case PendingCall { IsEnded: true } ended:
                    ended.LetGo();
                    break;
                case PendingCall call:
                    waiter.Returns!.Return(call, ReturnReason.NotSent, 0);
                    break;
                case ControlWait wait:
                    wait.TrySetException(new GrainUnavailableException($"The silo at {address} can't be reached: {reason}"));
                    break;
            }
        }
    }

    private readonly record struct Waiter(object Item, ICallReturns? Returns);
}

/// <summary>All connections to one silo.</summary>
internal sealed class SiloLines
{
    private readonly SiloLine[] _lines;
    private uint _next;

    internal SiloLines(SocketNetwork network, SiloAddress address)
    {
        _lines = new SiloLine[network.Options.ConnectionsPerSilo];
        for (var i = 0; i < _lines.Length; i++)
        {
            _lines[i] = new SiloLine(network, address);
        }
    }

    internal bool IsIdle => Array.TrueForAll(_lines, static line => line.IsIdle);

    /// <summary>Control messages keep to one line, so that they stay in order.</summary>
    internal SiloLine First => _lines[0];

    /// <summary>Calls are dealt out; those of one caller to one grain may overtake each other, as the contract allows.</summary>
    internal SiloLine Next => _lines.Length == 1 ? _lines[0] : _lines[Interlocked.Increment(ref _next) % (uint)_lines.Length];
}

/// <summary>What a router has of a silo.</summary>
internal sealed class SiloTransport(SiloLines lines, ICallReturns returns) : IGrainTransport
{
    public void Send(PendingCall call) => lines.Next.Send(call, returns);
}
