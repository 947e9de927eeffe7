using Grid.Engine.Cluster;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;

namespace Grid.Tests.Simulation;

/// <summary>
/// The network of one process: the real sessions with the real frames, over streams that the world delays, cuts in pieces,
/// stalls and breaks. It stands where <see cref="SocketNetwork"/> stands in a real process.
/// </summary>
internal sealed class SimNetwork : ISiloNetwork
{
    private const int TicksPerProbe = 3;

    private static readonly WireMetrics s_metrics = new(null, TimeProvider.System, static () => [], static () => null);

    private readonly Dictionary<SiloAddress, SimLine> _lines = [];
    private readonly List<SimLink> _links = [];
    private readonly ITimer _timer;
    private long _tickedAt;

    internal SimNetwork(SimWire wire, SimProcess process, string machine)
    {
        Wire = wire;
        Process = process;
        Machine = machine;
        var tick = Options.ProbeAfter / TicksPerProbe;
        _tickedAt = process.Clock.GetTimestamp();
        _timer = process.Clock.CreateTimer(_ => Tick(), null, tick, tick);
    }

    internal SimWire Wire { get; }

    internal SimProcess Process { get; }

    /// <summary>Where it runs, however often it is started anew.</summary>
    internal string Machine { get; }

    internal WireOptions Options { get; } = new() { Name = "simulated", ConnectionsPerSilo = 1 };

    internal SessionParts Parts { get; private set; } = null!;

    internal Hello Greeting => new(WireProtocol.Oldest, WireProtocol.Newest) { Name = Process.Name };

    internal IControlHandler? Handler { get; private set; }

    /// <summary>Whether it takes no more connections.</summary>
    internal bool IsStopped { get; private set; }

    /// <summary>Says who makes the calls of others; before the first message.</summary>
    internal void Serve(ICallReceiver? receiver) => Parts = new SessionParts(Options, Process.Clock, s_metrics, receiver)
    {
        Handler = () => Handler,
        Queue = Process.Queue,
        Left = static (_, _) => { },
    };

    /// <inheritdoc/>
    public void Attach(IControlHandler handler) => Handler = Wire.Plant == PlantedBug.PromisesAreNotKept ? new Promiser(handler) : handler;

    /// <inheritdoc/>
    public IGrainTransport To(SiloAddress address, ICallReturns returns) => new Transport(LineTo(address), returns);

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AskAsync(SiloAddress to, byte kind, ReadOnlyMemory<byte> body, TimeSpan deadline)
    {
        var wait = new ControlWait(kind, body);
        LineTo(to).Send(wait, null);
        using var limit = Process.Clock.CreateTimer(
            _ => wait.TrySetException(new TimeoutException($"{to} did not answer message {kind}.")), null, deadline, Timeout.InfiniteTimeSpan);
        return await wait.Task;
    }

    /// <inheritdoc/>
    public async Task<bool> IsRefusedAsync(SiloAddress address)
    {
        await Task.Delay(new TimeSpan(Wire.Delay() + Wire.Delay()), Process.Clock);
        return Wire.ListenerAt(address) is not { IsStopped: false };
    }

    /// <inheritdoc/>
    public void Push(byte kind, ReadOnlyMemory<byte> body)
    {
        foreach (var link in _links.Where(static link => link.IsAccepted))
            link.Session.Push(kind, body.Span);
    }

    /// <summary>Takes no more connections, and tells those who are connected to go elsewhere.</summary>
    internal void Stop()
    {
        IsStopped = true;
        foreach (var link in _links.Where(static link => link.IsAccepted))
            link.Session.SayGoAway("It shuts down.");
    }

    /// <summary>Whether calls of others are still under way.</summary>
    internal bool IsBusy => _links.Exists(static link => link is { IsAccepted: true, Session: { Inbound: > 0 } or { QueuedBytes: > 0 } });

    internal void Add(SimLink link) => _links.Add(link);

    internal void Remove(SimLink link) => _links.Remove(link);

    private SimLine LineTo(SiloAddress address)
    {
        if (!_lines.TryGetValue(address, out var line))
            _lines.Add(address, line = new SimLine(this, address));
        return line;
    }

    // As the real network does it.
    private void Tick()
    {
        var now = Process.Clock.GetTimestamp();
        var wasStopped = Process.Clock.GetElapsedTime(_tickedAt, now) > Options.ProbeAfter * 2;
        _tickedAt = now;
        foreach (var link in _links.ToArray())
        {
            if (wasStopped)
                link.Session.Pardon();
            if (!link.Session.Tick())
                link.Break("silent", tellPeer: true);
        }
    }

    // Says yes where the silo says no, and does not tell it.
    private sealed class Promiser(IControlHandler handler) : IControlHandler
    {
        public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(byte kind, ReadOnlyMemory<byte> body)
        {
            var answer = await handler.HandleAsync(kind, body);
            return kind == (byte)ControlKind.Promise && PromiseAnswer.Parse(answer.Span).Verdict == PromiseVerdict.Refused
                ? new PromiseAnswer(PromiseVerdict.Given).ToBytes()
                : answer;
        }

        public void OnLost(SiloAddress silo) => handler.OnLost(silo);
    }

    private sealed class Transport(SimLine line, ICallReturns returns) : IGrainTransport
    {
        public void Send(PendingCall call) => line.Send(call, returns);
    }
}
