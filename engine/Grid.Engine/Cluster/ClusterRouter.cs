using Grid.Engine.Runtime;
using Grid.Engine.Wire;

namespace Grid.Engine.Cluster;

/// <summary>What a router lets wait.</summary>
public sealed record RouterOptions
{
    /// <summary>
    /// How old a call may get before it is refused because its grain has no living owner. Less than any caller waits, so that the
    /// caller hears that nothing was done. Default 1.5 s.
    /// </summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Calls that wait at the same time; more are refused. Default 20,000.</summary>
    public int WaitingCallsMax { get; init; } = 20_000;

    /// <summary>After how long a call is tried again that another silo did not take. Default 20 ms.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(20);
}

/// <summary>What a silo does with a unit.</summary>
internal enum UnitDoor : byte
{
    /// <summary>It is another silo's, or nobody's.</summary>
    Elsewhere,

    /// <summary>Calls wait: the unit is being opened, or on its way to another silo.</summary>
    Waiting,

    /// <summary>Calls wait, but for those of grains that may have to end before the unit can go.</summary>
    Draining,

    /// <summary>The unit serves.</summary>
    Open,
}

/// <summary>
/// Brings each call to the silo that owns its grain, by the newest view. While nobody does, calls wait in a bounded room.
/// What another silo did not take, because it is not the owner or could not be reached, is tried again.
/// </summary>
public sealed class ClusterRouter : IGrainRouter, ICallReturns, IDisposable
{
    private readonly LeaseGate? _gate;
    private readonly Lock _lock = new();
    private readonly Dictionary<SiloAddress, IGrainTransport> _transports = [];
    private readonly WaitingRoom _room;
    private volatile Ways _ways;
    private ISiloNetwork? _network;
    private ClusterView? _view;
    private MemberId? _self;
    private UnitDoor[] _doors = [];

    /// <param name="time">The clock.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="gate">The gate of this process' own silo; null when it has none.</param>
    public ClusterRouter(TimeProvider time, RouterOptions options, LeaseGate? gate = null)
    {
        _gate = gate;
        _room = new WaitingRoom(options, time);
        _ways = new Ways(0, 1, [_room.Here]);
    }

    /// <inheritdoc/>
    public long ViewVersion => _ways.Version;

    /// <summary>Calls that wait at this moment.</summary>
    public int WaitingCalls => _room.Count;

    /// <summary>Raised when another silo knows a newer view than this process.</summary>
    internal event Action? IsBehind;

    /// <inheritdoc/>
    public IGrainTransport? Route(int partition)
    {
        var ways = _ways;
        var way = ways.Of[PartitionMap.UnitOf(partition, ways.Units)];
        return way is null && _gate is { IsOpen: false } ? _room.Elsewhere : way;
    }

    /// <inheritdoc/>
    public void Return(PendingCall call, ReturnReason reason, long viewVersion)
    {
        if (viewVersion > ViewVersion)
        {
            IsBehind?.Invoke();
        }

        _room.Elsewhere.Send(call);
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    /// <summary>Says how other silos are reached, and where calls go that have waited. Until then all calls wait.</summary>
    internal void Attach(ISiloNetwork network, ICallReceiver receiver)
    {
        _network = network;
        _room.Attach(receiver);
    }

    /// <summary>Follows a newer view.</summary>
    internal void Follow(ClusterView view, MemberId? self)
    {
        lock (_lock)
        {
            if (_view?.Version > view.Version)
            {
                return;
            }

            _view = view;
            _self = self;
            Array.Resize(ref _doors, view.Units.Length);
            Rebuild(view);
        }

        _room.LetOut();
    }

    /// <summary>Says what this silo does with a unit.</summary>
    internal void Set(int unit, UnitDoor door)
    {
        lock (_lock)
        {
            Array.Resize(ref _doors, Math.Max(_doors.Length, unit + 1));
            _doors[unit] = door;
            if (_view is { } view)
            {
                Rebuild(view);
            }
        }

        if (door is UnitDoor.Open or UnitDoor.Elsewhere)
        {
            _room.LetOut();
        }
    }

    /// <summary>The gate is open again: who waited because of it may go.</summary>
    internal void LetOut() => _room.LetOut();

    private void Rebuild(ClusterView view)
    {
        var ways = new IGrainTransport?[view.Units.Length];
        for (var unit = 0; unit < ways.Length; unit++)
        {
            ways[unit] = WayOf(view, unit);
        }

        _ways = new Ways(view.Version, ways.Length, ways);
        var living = view.Members.Select(static member => member.Address).ToHashSet();
        foreach (var gone in _transports.Keys.Where(address => !living.Contains(address)).ToArray())
        {
            _transports.Remove(gone);
        }
    }

    private IGrainTransport? WayOf(ClusterView view, int unit)
    {
        switch (_doors[unit])
        {
            case UnitDoor.Open:
                return null;
            case UnitDoor.Draining:
                return _room.Draining;
            case UnitDoor.Waiting:
                return _room.Here;
        }

        if (view.OwnerOf(unit) is not { } owner || owner.Id == _self)
        {
            return _room.Here;
        }

        if (!_transports.TryGetValue(owner.Address, out var transport))
        {
            _transports.Add(owner.Address, transport = _network!.To(owner.Address, this));
        }

        return transport;
    }

    private sealed record Ways(long Version, int Units, IGrainTransport?[] Of);
}
