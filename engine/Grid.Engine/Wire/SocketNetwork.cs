using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Grid.Codec;
using Grid.Engine.Runtime;
using Microsoft.Extensions.Logging;

namespace Grid.Engine.Wire;

/// <summary>
/// The sockets of a process: connections to silos, and where it is a silo itself, those that it accepts. The one class of
/// the engine that knows the operating system's network; a simulator has its own.
/// </summary>
public sealed partial class SocketNetwork : ISiloNetwork, IAsyncDisposable
{
    private const int TicksPerProbe = 3;

    private readonly ConcurrentDictionary<SiloAddress, WeakReference<SiloLines>> _silos = new();
    private readonly ConcurrentDictionary<SocketLink, byte> _links = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SessionParts _parts;
    private readonly WireTls? _tls;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TimeSpan _tick;
    private readonly ITimer _timer;
    private IControlHandler? _handler;
    private Socket? _listener;
    private long _tickedAt;
    private int _accepting;

    /// <param name="options">Bounds, times and certificates.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where connections are told of.</param>
    /// <param name="receiver">Who makes the calls of others; null for a gateway without grains.</param>
    /// <param name="meters">Makes the meter "Grid.Engine.Wire".</param>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">A setting makes no sense.</exception>
    /// <exception cref="WireTlsException">A certificate can't be read or is of no use.</exception>
    public SocketNetwork(WireOptions options, TimeProvider time, ILogger log, ICallReceiver? receiver, IMeterFactory? meters)
    {
        options.Check();
        Options = options;
        _time = time;
        _log = log;
        _tls = options.Tls is { } tls ? new WireTls(tls, time, log) : null;
        Metrics = new WireMetrics(meters, time, () => _links.Keys, () => _tls?.Expiry);
        _parts = new SessionParts(options, time, Metrics, receiver)
        {
            Handler = () => _handler,
            Queue = Queue,
            Left = (_, reason) => LogLeaving(_log, reason),
        };
        _tick = options.ProbeAfter / TicksPerProbe;
        _tickedAt = time.GetTimestamp();
        _timer = time.CreateTimer(static network => ((SocketNetwork)network!).Tick(), this, _tick, _tick);
    }

    internal WireOptions Options { get; }

    internal WireMetrics Metrics { get; }

    private Hello Greeting => new(Options.ProtocolOldest, Options.ProtocolNewest)
    {
        Product = typeof(SocketNetwork).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        Name = Options.Name,
        CallsMax = Options.CallsMax,
        Grid = Options.Grid,
    };

    /// <inheritdoc/>
    public void Attach(IControlHandler handler) => _handler = handler;

    /// <inheritdoc/>
    public IGrainTransport To(SiloAddress address, ICallReturns returns) => new SiloTransport(LinesTo(address), returns);

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AskAsync(SiloAddress to, byte kind, ReadOnlyMemory<byte> body, TimeSpan deadline)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, WireLimits.ControlBytesMax, nameof(body));
        var wait = new ControlWait(kind, body);
        LinesTo(to).First.Send(wait);
        try
        {
            return await wait.Task.WaitAsync(deadline, _time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!wait.Task.IsCompleted)
        {
            wait.TrySetCanceled();
            throw new TimeoutException($"The silo at {to} did not answer message {kind} in {deadline.TotalMilliseconds} ms; whether it was handled is unknown.");
        }
    }

    /// <inheritdoc/>
    public void Push(byte kind, ReadOnlyMemory<byte> body)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, WireLimits.ControlBytesMax, nameof(body));
        foreach (var link in _links.Keys)
        {
            if (link.IsAccepted)
            {
                link.Session?.Push(kind, body.Span);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsRefusedAsync(SiloAddress address)
    {
        using var limit = new CancellationTokenSource(Options.ConnectTimeout, _time);
        try
        {
            var places = await Dns.GetHostAddressesAsync(address.Host, limit.Token).ConfigureAwait(false);
            foreach (var place in places)
            {
                if (!await IsRefusedAsync(new IPEndPoint(place, address.Port), limit.Token).ConfigureAwait(false))
                {
                    return false;
                }
            }

            return places.Length > 0;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Listens for other silos and for gateways. Once.</summary>
    /// <param name="endpoint">The address to bind; port 0: any that is free.</param>
    /// <returns>Where it listens.</returns>
    /// <exception cref="SocketException">The address can't be bound.</exception>
    public IPEndPoint Listen(IPEndPoint endpoint)
    {
        const int Backlog = 512;
        var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endpoint);
        listener.Listen(Backlog);
        _listener = listener;
        var bound = (IPEndPoint)listener.LocalEndPoint!;
        LogListening(_log, bound.ToString(), _tls is null ? "without TLS" : "with TLS");
        _ = Task.Run(() => AcceptAsync(listener));
        return bound;
    }

    /// <summary>
    /// Takes no more connections, asks those who are connected to take their new calls elsewhere, and waits until their old ones
    /// are answered, as long as the time given lasts.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _listener?.Dispose();
        foreach (var link in _links.Keys)
        {
            if (link.IsAccepted)
            {
                link.IsFarewell = true;
                link.Session?.SayGoAway($"'{Options.Name}' shuts down.");
            }
        }

        while (!cancellationToken.IsCancellationRequested
            && _links.Keys.Any(static link => link.IsAccepted && link.Session is { Inbound: > 0 } or { QueuedBytes: > 0 }))
        {
            await Task.Delay(_tick, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Closes everything at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _listener?.Dispose();
        foreach (var link in _links.Keys)
        {
            link.IsFarewell = true;
            link.Abort(LinkEnd.Farewell);
        }

        Metrics.Dispose();
        _tls?.Dispose();
    }

    private static async Task<bool> IsRefusedAsync(IPEndPoint place, CancellationToken limit)
    {
        using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(place, limit).ConfigureAwait(false);
            return false;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    internal static void Queue(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    internal void Queue(SiloLine line) => ThreadPool.UnsafeQueueUserWorkItem(line, preferLocal: false);

    /// <summary>Waits before the next attempt to connect.</summary>
    internal Task PauseAsync(int failures)
    {
        if (failures == 0)
        {
            return Task.CompletedTask;
        }

        const int DoublingsMax = 16;
        var pause = Options.BackoffMin * (1 << Math.Min(failures - 1, DoublingsMax));
        return Task.Delay(pause < Options.BackoffMax ? pause : Options.BackoffMax, _time, _stopping.Token);
    }

    /// <summary>Connects to a silo; the connection is then to be run by <see cref="RunAsync"/>.</summary>
    internal async Task<SocketLink> ConnectAsync(SiloAddress address)
    {
        using var limit = new CancellationTokenSource(Options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, either.Token).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            var link = new SocketLink(
                _parts, socket, _tls is null ? stream : await _tls.ConnectAsync(stream, either.Token).ConfigureAwait(false), isAccepted: false);
            await link.GreetAsync(Greeting, either.Token).ConfigureAwait(false);
            _links[link] = 0;
            LogConnected(_log, address, link.Session!.Peer.Name, link.Session.Peer.Product, link.Session.Version);
            return link;
        }
        catch (Exception error)
        {
            socket.Dispose();
            Count(error);
            LogNotConnected(_log, address, limit.IsCancellationRequested ? "it took too long" : error.Message);
            throw;
        }
    }

    /// <summary>Serves a connection of a line until it ends.</summary>
    internal async Task RunAsync(SocketLink link, SiloLine line, SiloAddress address)
    {
        var end = await RunAsync(link).ConfigureAwait(false);
        line.Drop(link.Session!);
        link.Session!.Close($"The connection to the silo at {address} was lost ({Name(end)}).");
        if (end == LinkEnd.Farewell)
        {
            return;
        }

        LogLost(_log, address, Name(end));
        Lost(address);
    }

    internal void Lost(SiloAddress address)
    {
        if (!_stopping.IsCancellationRequested)
        {
            _handler?.OnLost(address);
        }
    }

    private static string Name(LinkEnd end) => end switch
    {
        LinkEnd.Silent => "the silo was silent for too long",
        LinkEnd.Damaged => "what came was damaged",
        LinkEnd.Farewell => "one side shuts down",
        _ => "it was closed",
    };

    private SiloLines LinesTo(SiloAddress address)
    {
        while (true)
        {
            var made = new SiloLines(this, address);
            var reference = _silos.GetOrAdd(address, static (_, lines) => new WeakReference<SiloLines>(lines), made);
            if (reference.TryGetTarget(out var lines))
            {
                return lines;
            }

            _silos.TryRemove(new(address, reference));
        }
    }

    private async Task<LinkEnd> RunAsync(SocketLink link)
    {
        _links[link] = 0;
        if (_stopping.IsCancellationRequested)
        {
            link.Abort(LinkEnd.Farewell);
        }

        var end = await link.RunAsync().ConfigureAwait(false);
        _links.TryRemove(link, out _);
        if (end != LinkEnd.Farewell && !_stopping.IsCancellationRequested)
        {
            Metrics.Lost(end);
        }

        return end;
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                if (_stopping.IsCancellationRequested || !ReferenceEquals(listener, _listener) || listener.SafeHandle.IsClosed)
                {
                    return;
                }

                // Out of descriptors, or the caller was gone before it was let in: the next may have more luck.
                await Task.Delay(Options.BackoffMin, _time).ConfigureAwait(false);
                continue;
            }

            if (Interlocked.Increment(ref _accepting) > Options.AcceptedMax)
            {
                Interlocked.Decrement(ref _accepting);
                Metrics.Refused(WireRefusal.Connections);
                socket.Dispose();
                continue;
            }

            _ = Task.Run(() => ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            if (await GreetAsync(socket).ConfigureAwait(false) is { } link)
            {
                LogAccepted(_log, link.Session!.Peer.Name, link.Session.Peer.Product, link.Session.Version);
                await RunAsync(link).ConfigureAwait(false);
                link.Session.Close("The connection was lost.");
            }
        }
        finally
        {
            Interlocked.Decrement(ref _accepting);
        }
    }

    private async Task<SocketLink?> GreetAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(Options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        try
        {
            var stream = new NetworkStream(socket, ownsSocket: true);
            var link = new SocketLink(
                _parts, socket, _tls is null ? stream : await _tls.AcceptAsync(stream, either.Token).ConfigureAwait(false), isAccepted: true);
            await link.GreetAsync(Greeting, either.Token).ConfigureAwait(false);
            return link;
        }
        catch (Exception error)
        {
            socket.Dispose();
            Count(error);
            LogNotAccepted(_log, limit.IsCancellationRequested ? "it took too long" : error.Message);
            return null;
        }
    }

    private void Count(Exception error)
    {
        switch (error)
        {
            case WireVersionException:
                Metrics.Refused(WireRefusal.Version);
                break;
            case WireGridException:
                Metrics.Refused(WireRefusal.Grid);
                break;
            case System.Security.Authentication.AuthenticationException:
                Metrics.Refused(WireRefusal.Certificate);
                break;
            case CodecException:
                Metrics.Refused(WireRefusal.Garbage);
                break;
        }
    }

    private void Tick()
    {
        var now = _time.GetTimestamp();
        var gap = _time.GetElapsedTime(Interlocked.Exchange(ref _tickedAt, now), now);

        // This process did not run for a while itself: what its peers sent lies in the socket still.
        var wasStopped = gap > Options.ProbeAfter * 2;
        foreach (var link in _links.Keys)
        {
            if (wasStopped)
            {
                link.Session?.Pardon();
            }

            if (link.Session?.Tick() == false)
            {
                link.Abort(LinkEnd.Silent);
            }
        }

        foreach (var (address, reference) in _silos)
        {
            if (!reference.TryGetTarget(out _))
            {
                _silos.TryRemove(new(address, reference));
            }
        }
    }
}
