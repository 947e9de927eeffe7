using Grid.Engine.Wire;

namespace Grid.Tests.Simulation;

/// <summary>
/// What lies between the processes: who listens where, and which ways are cut. A cut loses nothing that a stream carries, it
/// only arrives when the way is there again, unless one side has given the stream up by then.
/// </summary>
internal sealed class SimWire(SimWorld world, SimWeather weather, PlantedBug plant = PlantedBug.None)
{
    /// <summary>The shared store as the end of a way.</summary>
    internal const string Store = "store";

    private readonly Dictionary<SiloAddress, SimNetwork> _listeners = [];
    private readonly HashSet<(string, string)> _cuts = [];
    private IReadOnlyCollection<string> _spared = [];
    private long _outUntil;

    internal SimWorld World { get; } = world;

    internal SimWeather Weather { get; } = weather;

    internal SimRandom Random { get; } = world.Random.Fork(7);

    /// <summary>What the surroundings do wrong.</summary>
    internal PlantedBug Plant { get; } = plant;

    /// <summary>Until when a store that stands still holds back what has reached it; in the past when it does not.</summary>
    internal long StallsUntil { get; private set; }

    internal SimNetwork? ListenerAt(SiloAddress address) =>
        _listeners.TryGetValue(address, out var network) && network.Process.IsAlive ? network : null;

    internal void Listen(SiloAddress address, SimNetwork network) => _listeners[address] = network;

    internal bool IsCut(string one, string other, bool unlessStalled = false) =>
        (_cuts.Count > 0 && _cuts.Contains(Pair(one, other))) || (IsOut(one, other) && !(unlessStalled && StallsUntil > World.Now));

    /// <summary>Whether a way between two is cut.</summary>
    internal bool IsAnyCut => _cuts.Count > 0;

    /// <summary>Whether nearly nobody reaches the store.</summary>
    internal bool IsStoreOut => _outUntil > World.Now;

    /// <summary>The store can't be reached by anybody for a while, but for some machines perhaps.</summary>
    internal void Outage(long ticks, bool isStall, params IReadOnlyCollection<string> spared)
    {
        World.Log.Say($"outage: the store {(isStall ? "stalls" : "is gone")} for {ticks / TimeSpan.TicksPerMillisecond} ms{(spared.Count == 0 ? "" : $", but for {string.Join(", ", spared)}")}");
        _outUntil = World.Now + ticks;
        _spared = spared;
        if (isStall)
            StallsUntil = _outUntil;
    }

    /// <summary>Cuts the way between two, for a while.</summary>
    internal void Cut(string one, string other, long ticks)
    {
        if (!_cuts.Add(Pair(one, other)))
            return;
        World.Log.Say($"cut: {one} – {other} for {ticks / TimeSpan.TicksPerMillisecond} ms");
        World.After(ticks, null, () => _cuts.Remove(Pair(one, other)));
    }

    /// <summary>Mends every way.</summary>
    internal void Mend()
    {
        _cuts.Clear();
        _outUntil = 0;
    }

    /// <summary>How long a message is on its way.</summary>
    internal long Delay() => Random.Chance(Weather.NetSlow)
        ? Random.Ticks(Weather.NetMs, 150)
        : Random.Ticks(Weather.NetMs * 0.3, Weather.NetMs * 2);

    private bool IsOut(string one, string other) =>
        IsStoreOut && ((one == Store && !_spared.Contains(other)) || (other == Store && !_spared.Contains(one)));

    private static (string, string) Pair(string one, string other) =>
        string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
}
