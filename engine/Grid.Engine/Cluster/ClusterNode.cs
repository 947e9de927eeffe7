using Grid.Engine.Runtime;
using Grid.Engine.Wire;
using Microsoft.Extensions.Logging;

namespace Grid.Engine.Cluster;

/// <summary>
/// A silo's part in its cluster: it joins, renews its lease, watches the others, takes over the units of the dead, and hands
/// units over when a silo joins or leaves. It does nothing but through the seams that it is given, so that a simulator can run
/// many of them in one thread.
/// </summary>
/// <remarks>
/// Three rules keep two silos from ever answering for one grain. A silo answers only while its lease gate is open, which it
/// opens for less than a lease from before a beat that others saw, and only if a view that was read after that beat has it
/// as a member; or, without the store, for less than a lease from before all other members promised not to take it out. A silo is taken out of the view only when its beat has stood still for a lease; if it turns out that the beat moved
/// on before the view stood, the new owners wait one lease more. And a unit is opened under an epoch that the store
/// has not seen, which fences all writes of the owner before.
/// </remarks>
public sealed partial class ClusterNode : IControlHandler, IDisposable
{
    private readonly ClusterNodeOptions _options;
    private readonly IMembershipStore _membership;
    private readonly ISiloNetwork _network;
    private readonly IUnitStore _store;
    private readonly IReadOnlyList<IUnitTenant> _tenants;
    private readonly ClusterRouter _router;
    private readonly GrainEngine _engine;
    private readonly LeaseGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly OwnUnit[] _units;
    private readonly Sightings _sightings;
    private readonly Dictionary<MemberId, long> _departedSince = [];
    private readonly HashSet<MemberId> _formerLives = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Ticker _beats;
    private readonly Ticker _changes;
    private readonly Ticker _probes;
    private readonly ClusterMetrics? _metrics;
    private volatile ClusterView _view;
    private MemberId _self;
    private long _beat;
    private long _leasesLost;
    private bool _isBlind;
    private volatile bool _isMember;
    private volatile bool _isLeaving;

    /// <param name="options">Name, address and times.</param>
    /// <param name="membership">The store that all silos share.</param>
    /// <param name="network">The way to the others; this becomes its control handler.</param>
    /// <param name="store">The durable state.</param>
    /// <param name="tenants">What is done with a unit while it is owned.</param>
    /// <param name="router">The engine's router.</param>
    /// <param name="engine">The engine; it has a lease gate.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="metrics">What is counted; null for nothing.</param>
    internal ClusterNode(
        ClusterNodeOptions options, IMembershipStore membership, ISiloNetwork network, IUnitStore store,
        IReadOnlyList<IUnitTenant> tenants, ClusterRouter router, GrainEngine engine, TimeProvider time, ILogger log,
        ClusterMetrics? metrics = null)
    {
        _options = options;
        _membership = membership;
        _network = network;
        _store = store;
        _tenants = tenants;
        _router = router;
        _engine = engine;
        _gate = engine.Gate ?? throw new ArgumentException("An engine of a cluster has a lease gate.", nameof(engine));
        _time = time;
        _log = log;
        _metrics = metrics;
        _units = [.. Enumerable.Range(0, store.Units).Select(unit => new OwnUnit(unit, store.Units))];
        _sightings = new Sightings(time, options.Lease);
        _promises = new Promises(time, options);
        _view = ClusterView.Empty(store.Units);
        _beats = new Ticker(time, options.Beat, BeatAsync);
        _changes = new Ticker(time, options.Beat, ChangeAsync);
        _probes = new Ticker(time, options.Beat * 2, ProbeAsync);
        _holds = new Ticker(time, options.Beat / 2, HoldAsync);
        _store.Fenced += OnFenced;
        _router.Attach(network, engine);
        _router.IsBehind += _beats.Wake;
    }

    /// <summary>The newest view that the silo knows.</summary>
    public ClusterView View => _view;

    /// <summary>Whether the silo is an active member with a valid lease, and serves every unit that it owns.</summary>
    public bool IsReady
    {
        get
        {
            lock (_lock)
            {
                return _isMember && !_isLeaving && _gate.IsOpen
                    && _units.All(unit => unit.State == UnitState.Open || _view.Units[unit.Number].Owner != _self);
            }
        }
    }

    /// <summary>
    /// Leases that ended without being given up, as far as this silo saw it first: its own that lapsed and could be renewed, and
    /// those of silos that it took out of the view.
    /// </summary>
    internal long LeasesLost => Interlocked.Read(ref _leasesLost);

    /// <summary>How many units the silo serves.</summary>
    public int OpenUnits
    {
        get
        {
            lock (_lock)
            {
                return _units.Count(static unit => unit.State == UnitState.Open);
            }
        }
    }

    /// <summary>Joins the cluster. When it has ended the silo is a member, and opens what falls to it.</summary>
    /// <exception cref="MembershipException">The store does not answer, is another grid's, or a living silo has the name.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _network.Attach(this);
        await JoinAsync(cancellation);
        _beats.Wake();
        _changes.Wake();
        _probes.Wake();
        if (_options.StoreOutageMax > TimeSpan.Zero)
        {
            _holds.Wake();
        }
    }

    /// <summary>
    /// Hands every unit over to the other silos and leaves the cluster; the last one just closes. Afterwards the silo serves nothing.
    /// </summary>
    /// <param name="cancellation">Gives up handing over: what is left is closed, and waits for the next silo.</param>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        _isLeaving = true;
        try
        {
            await LeaveTheViewAsync(cancellation);
        }
        catch (Exception fault) when (fault is MembershipException or OperationCanceledException)
        {
            LogLeftHard(_log, fault);
        }

        Dispose();
        _gate.Shut();
    }

    /// <summary>Stops where it is, as a crash would: others find out by themselves.</summary>
    public void Dispose()
    {
        _store.Fenced -= OnFenced;
        _router.IsBehind -= _beats.Wake;
        _beats.Dispose();
        _changes.Dispose();
        _probes.Dispose();
        _holds.Dispose();
        _stopping.Cancel();
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> HandleAsync(byte kind, ReadOnlyMemory<byte> body)
    {
        switch ((ControlKind)kind)
        {
            case ControlKind.View:
                Accept(ClusterView.Parse(body.Span));
                return default;
            case ControlKind.AskView:
                return new(_view.ToBytes());
            case ControlKind.Promise:
                return new(Promise(PromiseRequest.Parse(body.Span)).ToBytes());
            default:
                // Of a newer version: not understood, and not needed.
                return default;
        }
    }

    /// <inheritdoc/>
    public void OnLost(SiloAddress silo) => _beats.Wake();
}

/// <summary>What silos and gateways of a cluster say to each other beside calls. The numbers are the protocol's.</summary>
internal enum ControlKind : byte
{
    /// <summary>A newer view; no answer.</summary>
    View = 1,

    /// <summary>Asks for the view; the answer is it.</summary>
    AskView = 2,

    /// <summary>Asks whether the other is there; the answer is empty.</summary>
    Ping = 3,

    /// <summary>Asks not to be taken out for a lease; the answer is a <see cref="PromiseAnswer"/>, or empty from who does not know it.</summary>
    Promise = 4,
}
