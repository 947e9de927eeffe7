using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Grid.Tests.Cluster;

/// <summary>Captures the traffic of a TCP port of this machine. Needs root.</summary>
internal sealed class WireTap : IDisposable
{
    private const int MaxPacket = 65_536;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Tcp);
    private readonly ConcurrentQueue<byte[]> _heard = [];
    private readonly Task _listening;

    internal WireTap(int port)
    {
        _socket.ReceiveBufferSize = 8 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening = Task.Run(() => Listen(port));
    }

    internal long Bytes => _heard.Sum(static payload => (long)payload.Length);

    internal bool Heard(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return _heard.Any(payload => payload.AsSpan().IndexOf(bytes) >= 0);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _listening.Wait();
    }

    private void Listen(int port)
    {
        var packet = new byte[MaxPacket];
        try
        {
            while (true)
            {
                var ip = packet.AsSpan(0, _socket.Receive(packet));
                var tcp = ip[((ip[0] & 15) * 4)..];
                if (
                    BinaryPrimitives.ReadUInt16BigEndian(tcp) == port
                    || BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]) == port
                )
                    _heard.Enqueue(tcp[((tcp[12] >> 4) * 4)..].ToArray());
            }
        }
        catch (SocketException)
        {
            // Closed.
        }
        catch (ObjectDisposedException)
        {
            // Likewise.
        }
    }
}
