using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Grid.Silo.Cluster;

/// <summary>
/// The port on which other members watch this process. Each connection is greeted with the silo's generation, which
/// distinguishes this process from the next one on the same port, and then carries nothing. The port closes only with
/// the process, so that a leaving member is not mistaken for a crashed one.
/// </summary>
internal sealed class WatchPort : IDisposable
{
    /// <summary>The length of the greeting.</summary>
    internal const int GreetingBytes = sizeof(int);

    private const int MaxConnections = 1024;
    private readonly SiloAddress _self;
    private Socket? _listener;
    private int _connections;

    /// <param name="self">This silo.</param>
    public WatchPort(SiloAddress self) => _self = self;

    /// <summary>The port; 0 before it is opened.</summary>
    internal int Number => (_listener?.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>Listens on a port; on a free one if <paramref name="port"/> is 0.</summary>
    internal void Open(int port)
    {
        var listener = new Socket(_self.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(_self.Endpoint.Address, port));
        listener.Listen();
        _listener = listener;
        _ = AcceptAsync(listener);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener?.Dispose();

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptAsync());
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The process ends.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using var held = connection;
        if (Interlocked.Increment(ref _connections) <= MaxConnections)
        {
            try
            {
                var greeting = new byte[GreetingBytes];
                BinaryPrimitives.WriteInt32LittleEndian(greeting, _self.Generation);
                await connection.SendAsync(greeting);
                // The peer sends nothing: the call returns when the connection ends.
                await connection.ReceiveAsync(greeting);
            }
            catch (SocketException)
            {
                // The peer is gone.
            }
        }

        Interlocked.Decrement(ref _connections);
    }
}
