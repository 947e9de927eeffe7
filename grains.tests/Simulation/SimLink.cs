using Grid.Codec;
using Grid.Engine.Wire;

namespace Grid.Tests.Simulation;

/// <summary>
/// One end of a stream between two processes. What one end sends arrives at the other in order, in pieces that have nothing
/// to do with frames, and perhaps late; where the weather has it, whole messages overtake each other or come twice, as
/// those of several connections would.
/// </summary>
internal sealed class SimLink
{
    private readonly SimNetwork _network;
    private readonly SimLine? _line;
    private readonly Queue<byte[]> _arriving = new();
    private readonly bool _isTorn;
    private byte[] _rest = [];
    private SimLink? _peer;
    private long _lastArrival;
    private bool _isBroken;

    internal SimLink(SimNetwork network, Hello peer, SimLine? line)
    {
        _network = network;
        _line = line;
        _isTorn = network.Wire.Random.Chance(0.3);
        Session = new WireSession(network.Parts, peer, () => network.Process.Start(Flush));
        network.Process.Died += OnDied;
    }

    internal WireSession Session { get; }

    /// <summary>Whether the other side made the connection.</summary>
    internal bool IsAccepted => _line is null;

    private SimWorld World => _network.Process.World;

    /// <summary>Both ends stand.</summary>
    internal void Join(SimLink peer)
    {
        _peer = peer;
        peer._peer = this;
        peer.Flush();
    }

    /// <summary>Ends this end; the other hears of it, unless the way is cut.</summary>
    internal void Break(string reason, bool tellPeer)
    {
        if (_isBroken)
            return;
        _isBroken = true;
        _network.Process.Died -= OnDied;
        _network.Remove(this);
        World.Log.Say($"{_network.Process.Name} loses a connection: {reason}");
        if (_line is not null)
            _line.Lost(this, reason);
        else
            Session.Close($"The connection was lost ({reason}).");
        if (tellPeer)
            _peer?.BreakLater(reason);
    }

    /// <summary>The other end is gone.</summary>
    internal void BreakLater(string reason) => World.After(_network.Wire.Delay(), _network.Process, () =>
    {
        if (_peer is null || !_network.Wire.IsCut(_network.Machine, _peer._network.Machine))
            Break(reason, tellPeer: false);
    });

    // A process that is killed says farewell by its kernel; a machine that loses power does not.
    private void OnDied()
    {
        _isBroken = true;
        if (_network.Wire.Random.Chance(0.8))
            _peer?.BreakLater("reset");
    }

    private void Flush()
    {
        if (_peer is not { } peer)
            return;
        while (Session.TryTake(out var bytes))
        {
            peer.Bring(bytes.ToArray());
            if (_network.Wire.Random.Chance(_network.Wire.Weather.NetDoubles))
                peer.Overtake(bytes.ToArray());
        }
    }

    // Whole messages beside the stream: late, and out of order.
    private void Overtake(byte[] bytes) => World.After(_network.Wire.Delay() * 3, _network.Process, () =>
    {
        if (_isBroken || _rest.Length > 0 || IsCut)
            return;
        Consume(bytes);
    });

    private void Bring(byte[] bytes)
    {
        var random = _network.Wire.Random;
        if (_isTorn && bytes.Length > 1)
        {
            var cut = random.Between(1, bytes.Length - 1);
            Arrive(bytes[..cut]);
            bytes = bytes[cut..];
        }

        Arrive(bytes);
    }

    private void Arrive(byte[] bytes)
    {
        _lastArrival = Math.Max(_lastArrival, World.Now + _network.Wire.Delay());
        _arriving.Enqueue(bytes);
        World.After(_lastArrival - World.Now, _network.Process, Read);
    }

    private bool IsCut => _peer is { } peer && _network.Wire.IsCut(_network.Machine, peer._network.Machine);

    private void Read()
    {
        if (_isBroken || _arriving.Count == 0)
            return;
        if (IsCut)
        {
            // It is sent again until it comes through.
            World.After(_network.Wire.Random.Ticks(20, 200), _network.Process, Read);
            return;
        }

        var bytes = _arriving.Dequeue();
        Consume(_rest.Length == 0 ? bytes : [.. _rest, .. bytes]);
    }

    private void Consume(byte[] bytes)
    {
        World.Log.Mark(bytes.Length, World.Now);
        try
        {
            var used = Session.Consume(bytes);
            _rest = used == bytes.Length ? [] : bytes[used..];
        }
        catch (CodecException damage)
        {
            // Nothing here damages bytes: a frame that can't be read is a fault of who wrote it.
            World.Fail($"{_network.Process.Name} received damaged bytes: {damage}");
            Break("damaged", tellPeer: true);
        }
    }
}
