using Grid.Engine.Wire;

namespace Grid.Tests.Simulation;

/// <summary>
/// What lies between the processes: who listens where, and which ways are cut. A cut loses nothing that a stream carries, it
/// only arrives when the way is there again, unless one side has given the stream up by then.
/// </summary>
internal sealed class SimWire(SimWorld world, SimWeather weather)
{
    /// <summary>The shared store as the end of a way.</summary>
    internal const string Store = "store";

    private readonly Dictionary<SiloAddress, SimNetwork> _listeners = [];
    private readonly HashSet<(string, string)> _cuts = [];

    internal SimWorld World { get; } = world;

    internal SimWeather Weather { get; } = weather;

    internal SimRandom Random { get; } = world.Random.Fork(7);

    internal SimNetwork? ListenerAt(SiloAddress address) =>
        _listeners.TryGetValue(address, out var network) && network.Process.IsAlive ? network : null;

    internal void Listen(SiloAddress address, SimNetwork network) => _listeners[address] = network;

    internal bool IsCut(string one, string other) => _cuts.Count > 0 && _cuts.Contains(Pair(one, other));

    /// <summary>Cuts the way between two, for a while.</summary>
    internal void Cut(string one, string other, long ticks)
    {
        if (!_cuts.Add(Pair(one, other)))
            return;
        World.Log.Say($"cut: {one} – {other} for {ticks / TimeSpan.TicksPerMillisecond} ms");
        World.After(ticks, null, () => _cuts.Remove(Pair(one, other)));
    }

    /// <summary>Mends every way.</summary>
    internal void Mend() => _cuts.Clear();

    /// <summary>How long a message is on its way.</summary>
    internal long Delay() => Random.Chance(Weather.NetSlow)
        ? Random.Ticks(Weather.NetMs, 150)
        : Random.Ticks(Weather.NetMs * 0.3, Weather.NetMs * 2);

    private static (string, string) Pair(string one, string other) =>
        string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
}
