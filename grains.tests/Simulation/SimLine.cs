using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;

namespace Grid.Tests.Simulation;

/// <summary>The way from one process to a silo: connects when it is used, and gives back what could not be sent.</summary>
internal sealed class SimLine(SimNetwork network, SiloAddress address)
{
    private List<(object Item, ICallReturns? Returns)> _waiting = [];
    private SimLink? _link;
    private bool _isConnecting;
    private int _failures;

    internal SiloAddress Address { get; } = address;

    /// <summary>Sends a call or a control message, now or when there is a connection.</summary>
    internal void Send(object item, ICallReturns? returns)
    {
        var outcome = _link?.Session switch
        {
            null => SendOutcome.Closed,
            { } session => item is PendingCall call ? session.Send(call, returns!) : session.Send((ControlWait)item),
        };
        switch (outcome)
        {
            case SendOutcome.Full:
                End(item, new GrainOverloadedException($"Too much is on its way to {Address} already."));
                break;
            case SendOutcome.Closed:
                _link = null;
                _waiting.Add((item, returns));
                Connect();
                break;
        }
    }

    /// <summary>The connection stands.</summary>
    internal void Connected(SimLink link)
    {
        _isConnecting = false;
        _failures = 0;
        _link = link;
        var waiting = _waiting;
        _waiting = [];
        foreach (var (item, returns) in waiting)
            Send(item, returns);
    }

    /// <summary>There is no connection.</summary>
    internal void Failed(string reason)
    {
        _isConnecting = false;
        _failures++;
        var waiting = _waiting;
        _waiting = [];
        foreach (var (item, returns) in waiting)
        {
            if (item is PendingCall { IsEnded: false } call)
                returns!.Return(call, ReturnReason.NotSent, 0);
            else
                End(item, new GrainUnavailableException($"{Address} can't be reached: {reason}."));
        }

        network.Handler?.OnLost(Address);
    }

    /// <summary>The connection broke.</summary>
    internal void Lost(SimLink link, string reason)
    {
        if (ReferenceEquals(_link, link))
            _link = null;
        link.Session.Close($"The connection to {Address} was lost ({reason}).");
        network.Handler?.OnLost(Address);
    }

    private void Connect()
    {
        if (_isConnecting)
            return;
        _isConnecting = true;
        var pause = _failures == 0 ? 0 : Math.Min(network.Options.BackoffMax.Ticks, network.Options.BackoffMin.Ticks << Math.Min(_failures - 1, 6));
        network.Process.World.After(pause, network.Process, () => _ = new Attempt(this, network));
    }

    private static void End(object item, Exception fault)
    {
        if (item is PendingCall call)
        {
            call.SetException(fault);
            call.LetGo();
        }
        else
        {
            ((ControlWait)item).TrySetException(fault);
        }
    }

    // A handshake: there and back, unless nobody listens, the way is cut, or the other side sleeps.
    private sealed class Attempt
    {
        private readonly SimLine _line;
        private readonly SimNetwork _from;
        private bool _isOver;

        internal Attempt(SimLine line, SimNetwork from)
        {
            (_line, _from) = (line, from);
            var world = from.Process.World;
            world.After(from.Process.Until(from.Process.Local + from.Options.ConnectTimeout.Ticks), from.Process, () => Fail("it took too long"));
            world.After(from.Wire.Delay(), null, Knock);
        }

        private void Knock()
        {
            var (world, wire) = (_from.Process.World, _from.Wire);
            if (wire.ListenerAt(_line.Address) is not { IsStopped: false } to)
            {
                world.After(wire.Delay(), _from.Process, () => Fail("refused"));
                return;
            }

            if (wire.IsCut(_from.Machine, to.Machine))
                return;
            world.After(0, to.Process, () =>
            {
                var theirs = new SimLink(to, _from.Greeting, line: null);
                to.Add(theirs);
                world.After(wire.Delay(), _from.Process, () => Succeed(to, theirs));
            });
        }

        private void Succeed(SimNetwork to, SimLink theirs)
        {
            if (_isOver)
            {
                theirs.BreakLater("given up");
                return;
            }

            _isOver = true;
            var ours = new SimLink(_from, to.Greeting, _line);
            _from.Add(ours);
            ours.Join(theirs);
            _line.Connected(ours);
        }

        private void Fail(string reason)
        {
            if (_isOver)
                return;
            _isOver = true;
            _line.Failed(reason);
        }
    }
}
