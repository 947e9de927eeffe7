using System.Net;
using System.Net.Sockets;

namespace Grid.Tests.Fixtures;

/// <summary>
/// Ports for servers of tests, below the range from which the system draws those of outgoing connections: a port from that
/// range may be taken between the look and the server's start.
/// </summary>
internal static class Ports
{
    private const int First = 15_000;
    private const int Count = 17_000;

    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port that nobody listens on; each is given once in a process.</summary>
    internal static int Free()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }

        throw new InvalidOperationException("No port is free.");
    }
}
