using System.Net;
using System.Net.Sockets;

namespace Grid.Tests.Fixtures;

/// <summary>
/// Ports for test servers, below the ephemeral range: an outgoing connection could take an ephemeral port between the
/// check and the server's start.
/// </summary>
internal static class Ports
{
    private const int First = 15_000;
    private const int Count = 17_000;

    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port without a listener. Each port is returned once per process.</summary>
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
                // The port is in use.
            }
        }

        throw new InvalidOperationException("No port is free.");
    }
}
