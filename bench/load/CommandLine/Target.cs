using System.Net;
using System.Net.Sockets;

namespace Grid.Bench.Load.CommandLine;

/// <summary>
/// The target of the load. Only this machine, unless the user confirms that the other host is theirs.
/// </summary>
internal static class Target
{
    public const string OwnedFlag = "i-own-this-host";

    public static IPEndPoint Resolve(string url, bool isOwned)
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || uri.Scheme != Uri.UriSchemeHttp
            || uri.PathAndQuery != "/"
        )
            throw new LoadException($"--url is http://HOST:PORT without a path; not '{url}'");
        if (IPAddress.TryParse(uri.DnsSafeHost, out var address))
            return IPAddress.IsLoopback(address) || isOwned ? new IPEndPoint(address, uri.Port) : throw Foreign(uri);
        if (uri.IsLoopback)
            return new IPEndPoint(IPAddress.Loopback, uri.Port);
        if (!isOwned)
            throw Foreign(uri);
        try
        {
            var addresses = Dns.GetHostAddresses(uri.DnsSafeHost);
            return new IPEndPoint(addresses[0], uri.Port);
        }
        catch (SocketException)
        {
            throw new LoadException($"host '{uri.Host}' is not known");
        }
    }

    private static LoadException Foreign(Uri uri) =>
        new($"'{uri.Host}' is not this machine: confirm with --{OwnedFlag} that you run it");
}
