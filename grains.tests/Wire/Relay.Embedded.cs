using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Grid.Engine.Wire;

namespace Grid.Tests.Wire;

/// <summary>A cable between a client and a silo that a test can hold still, as a frozen process or a cut would, or pull.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly SiloAddress _to;
    private volatile TaskCompletionSource _moving = new();
    private int _accepted;

    internal Relay(SiloAddress to)
    {
        _to = to;
        _moving.SetResult();
        _listener.Start();
        Address = new SiloAddress("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _ = AcceptAsync();
    }

    internal SiloAddress Address { get; }

    internal int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Nothing comes through any more, and nothing is closed.</summary>
    internal void Freeze() => _moving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Thaw() => _moving.TrySetResult();

    /// <summary>Closes all connections that there are now, none of those that are made while it does.</summary>
    internal void Pull()
    {
        foreach (var socket in _sockets.ToArray())
        {
            socket.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Thaw();
        Pull();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _accepted);
                _ = ConnectAsync(client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        var silo = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        _sockets.Add(silo);
        try
        {
            await silo.ConnectAsync(_to.Host, _to.Port);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // No silo there, or pulled already: the client is told by a closed connection, and the next one may fare better.
            client.Dispose();
            silo.Dispose();
            return;
        }

        _ = CarryAsync(client, silo);
        _ = CarryAsync(silo, client);
    }

    private async Task CarryAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var read and > 0)
            {
                await _moving.Task;
                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // One side is gone: so is the other.
        }

        from.Dispose();
        to.Dispose();
    }
}
