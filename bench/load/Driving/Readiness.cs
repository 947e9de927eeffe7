using System.Net.Sockets;

namespace Grid.Bench.Load.Driving;

/// <summary>Tells a worker which of its sockets can be read or written. For one thread.</summary>
internal abstract class Readiness : IDisposable
{
    public static Readiness Create(int connections) =>
        OperatingSystem.IsLinux() ? new EpollReadiness(connections) : new SelectReadiness(connections);

    public abstract void Add(int slot, Socket socket);

    public abstract void Remove(int slot, Socket socket);

    /// <summary>Starts or stops watching whether the socket can be written.</summary>
    public abstract void WantWrite(int slot, Socket socket, bool wanted);

    /// <summary>Waits until a socket is ready or the time is over; returns the number of slots written.</summary>
    public abstract int Wait(TimeSpan timeout, Span<int> readySlots);

    public abstract void Dispose();
}

/// <summary>
/// The portable fallback. It walks over all sockets for each wait, so that the client's cost distorts the figures.
/// </summary>
internal sealed class SelectReadiness(int connections) : Readiness
{
    private readonly Socket?[] _sockets = new Socket?[connections];
    private readonly bool[] _writes = new bool[connections];
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _writable = [];
    private readonly Dictionary<Socket, int> _slots = [];

    public override void Add(int slot, Socket socket)
    {
        _sockets[slot] = socket;
        _writes[slot] = false;
        _slots[socket] = slot;
    }

    public override void Remove(int slot, Socket socket)
    {
        _sockets[slot] = null;
        _slots.Remove(socket);
    }

    public override void WantWrite(int slot, Socket socket, bool wanted) => _writes[slot] = wanted;

    public override int Wait(TimeSpan timeout, Span<int> readySlots)
    {
        _readable.Clear();
        _writable.Clear();
        for (var i = 0; i < _sockets.Length; i++)
        {
            if (_sockets[i] is not { } socket)
                continue;
            _readable.Add(socket);
            if (_writes[i])
                _writable.Add(socket);
        }
        if (_readable.Count == 0)
        {
            // Select refuses an empty list: sleep instead.
            using var never = new ManualResetEventSlim();
            never.Wait(timeout);
            return 0;
        }
        Socket.Select(_readable, _writable, null, timeout);
        var count = 0;
        foreach (var socket in _readable.Union(_writable))
        {
            if (count < readySlots.Length)
                readySlots[count++] = _slots[socket];
        }
        return count;
    }

    public override void Dispose() { }
}
