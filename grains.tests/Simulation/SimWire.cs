namespace Grid.Tests.Simulation;

/// <summary>The network between the machines: it delays, loses, duplicates and cuts.</summary>
internal sealed class SimWire(SimWorld world, SimWeather weather)
{
    /// <summary>The server of the membership table.</summary>
    internal const string Redis = "redis";

    /// <summary>The server of the store.</summary>
    internal const string Postgres = "postgres";

    private const double BusyChance = 0.02;

    private readonly Dictionary<(string, string), long> _cuts = [];
    private readonly Dictionary<SiloAddress, SimMember> _members = [];

    internal SimRandom Random { get; } = world.Random.Fork(7);

    internal SimWeather Weather => weather;

    internal SimWorld World => world;

    internal void Add(SimMember member) => _members.Add(member.Address, member);

    /// <summary>The process behind an address, dead or alive.</summary>
    internal SimMember? At(SiloAddress address) => _members.GetValueOrDefault(address);

    /// <summary>Whether the connection between two machines is cut.</summary>
    internal bool IsCut(string one, string other) =>
        _cuts.TryGetValue(Pair(one, other), out var until) && world.Now < until;

    internal void Cut(string one, string other, long ticks)
    {
        if (one == other)
            return;
        var pair = Pair(one, other);
        _cuts[pair] = Math.Max(_cuts.GetValueOrDefault(pair), world.Now + ticks);
        world.Log.Say(
            $"{one} and {other} are cut off from each other for {ticks / (double)TimeSpan.TicksPerMillisecond} ms"
        );
    }

    internal void Mend() => _cuts.Clear();

    /// <summary>Sends a message to a member. It is lost if the connection is cut on sending or arrival.</summary>
    internal void Send(SimMember from, SiloAddress to, Action<SimMember> deliver, bool isLate = false)
    {
        if (At(to) is not { } target || IsCut(from.Machine, target.Machine) || Random.Chance(weather.NetLoses))
            return;
        world.After(isLate ? Delay() * 5 : Delay(), null, () =>
        {
            if (target.Process.IsAlive && !IsCut(from.Machine, target.Machine))
                target.Process.Start(() => deliver(target));
        });
    }

    /// <summary>Asks a member. A lost message gets no answer: the caller needs a time-out.</summary>
    internal Task<T> Ask<T>(SimMember from, SiloAddress to, Func<SimMember, T> question)
    {
        var answer = new TaskCompletionSource<T>();
        Send(from, to, target =>
        {
            var found = question(target);
            Send(target, from.Address, _ => answer.TrySetResult(found));
        });
        return answer.Task;
    }

    /// <summary>Whether a message is duplicated.</summary>
    internal bool Doubles() => Random.Chance(weather.NetDoubles);

    /// <summary>The latency of a message.</summary>
    internal long Delay() =>
        Random.Chance(weather.NetSlow)
            ? Random.Ticks(weather.NetMs, 400)
            : Random.Ticks(weather.NetMs * 0.3, weather.NetMs * (Random.Chance(BusyChance) ? 20 : 2));

    /// <summary>Schedules an action outside of all processes.</summary>
    internal void AfterWhile(double leastMs, double mostMs, Action action) =>
        world.After(Random.Ticks(leastMs, mostMs), null, action);

    private static (string, string) Pair(string one, string other) =>
        string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
}
