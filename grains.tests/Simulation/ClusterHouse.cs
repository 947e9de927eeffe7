using Grid.Engine.Cluster;
using Grid.Engine.Wire;

namespace Grid.Tests.Simulation;

/// <summary>
/// Some silos with their units in one store, and gateways before them. Whatever ends is started again, some a while later;
/// one silo more may join and leave.
/// </summary>
internal sealed class ClusterHouse : House
{
    private const int Port = 7000;

    private readonly SimWire _wire;
    private readonly SimRegistry _registry = new();
    private readonly List<Machine> _machines = [];
    private readonly List<SimGateway> _gateways = [];
    private readonly List<IDisposable> _lives = [];
    private readonly List<Entrance> _gates = [];
    private readonly string[] _places;
    private bool _isHealed;

    internal ClusterHouse(SimWorld world, SimWeather weather, SimSetup setup)
        : base(world, weather, setup)
    {
        var random = world.Random.Fork(8);
        _wire = new SimWire(world, weather, setup.Plant);
        Disk = new SimDisk(world, weather, random.Between(2, 8), setup.Disk);
        for (var number = 0; number <= setup.Silos; number++)
            _machines.Add(new Machine($"silo-{(char)('a' + number)}", new SiloAddress("10.0.0.1", Port + number), isSpare: number == setup.Silos));
        for (var number = random.Between(0, 2); number > 0; number--)
            _gates.Add(new Entrance($"gateway-{number}"));
        // The store counts twice: a cut from it is the hardest.
        _places = [SimWire.Store, SimWire.Store, .. _machines.Select(static machine => machine.Name), .. _gates.Select(static gate => gate.Name)];
        Entrances = [.. _gates, .. _machines.Where(machine => !machine.IsSpare || setup.Storm == StormKind.LongOutages).Select(static machine => machine.Entrance)];
    }

    internal override IReadOnlyList<Entrance> Entrances { get; }

    internal override SimDisk Disk { get; }

    /// <summary>Who is in the newest view.</summary>
    internal IReadOnlyList<MemberId> Members => [.. _registry.View?.Members.Select(static member => member.Id) ?? []];

    private IReadOnlyList<Machine> Running => _machines.FindAll(static machine => machine.Silo is { Process.IsAlive: true });

    internal override void Begin()
    {
        foreach (var machine in _machines.Where(static machine => !machine.IsSpare))
            Start(machine);
        foreach (var gate in _gates)
            StartGateway(gate);
    }

    internal override void Strike(Trouble trouble, SimRandom random)
    {
        var running = Running;
        var machine = running.Count > 0 ? random.Pick(running) : null;
        switch (trouble)
        {
            case Trouble.Crash when _gateways.Count > 0 && random.Chance(0.15):
                random.Pick(_gateways).Process.Crash();
                break;
            case Trouble.Crash:
                machine?.Silo!.Process.Crash();
                break;
            case Trouble.Freeze when machine is not null:
                FreezeFor(machine.Silo!.Process, random.Pick([random.Ticks(20, 700), random.Ticks(700, 1_300), random.Ticks(1_300, 3_500)]));
                break;
            case Trouble.Stop when machine is { Silo: { Process.IsFrozen: false } silo, IsStopping: false } && running.Count > 1:
                machine.IsStopping = true;
                silo.Stop();
                break;
            case Trouble.DiskStall:
                Disk.Stall(random.Ticks(50, 2_000));
                break;
            case Trouble.ClockJump:
                machine?.Silo!.Process.JumpClock(random.Ticks(-1_800_000, 1_800_000));
                break;
            case Trouble.Cut when machine is not null:
                _wire.Cut(machine.Name, random.Pick(_places), random.Ticks(50, 3_000));
                break;
            case Trouble.Outage:
                Outage(random);
                break;
            case Trouble.Join when _machines.Find(static spare => spare.IsSpare) is { Silo: null or { Process.IsAlive: false } } spare:
                Start(spare);
                break;
        }
    }

    /// <summary>Takes the store from everybody; in one case of three from all but a silo that joins meanwhile.</summary>
    private void Outage(SimRandom random)
    {
        if (Setup.Storm == StormKind.LoneOutages)
        {
            LoseOne(random.Pick(_machines.FindAll(static machine => !machine.IsSpare)).Name, random);
            return;
        }

        if (_wire.IsStoreOut)
            return;
        var isLong = Setup.Storm == StormKind.LongOutages;
        var length = isLong ? random.Ticks(4_000, 8_000) : random.Pick([random.Ticks(50, 800), random.Ticks(800, 4_000)]);
        var joiner = isLong || random.Chance(0.33) ? _machines.Find(static machine => machine.IsSpare) : null;
        string[] spared = joiner is null ? [] : [joiner.Name, .. _gates.Where(_ => random.Chance(0.5)).Select(static gate => gate.Name)];
        _wire.Outage(length, isStall: random.Chance(0.5), spared);
        if (joiner is { Silo: null or { Process.IsAlive: false } })
            Start(joiner);
    }

    // From the store first, and about when the others hold it dead from them too: it does not hear that they do.
    private void LoseOne(string one, SimRandom random)
    {
        if (_wire.IsAnyCut)
            return;
        _wire.Cut(one, SimWire.Store, random.Ticks(1_500, 5_000));
        World.After(random.Ticks(200, 1_000), null, () =>
        {
            foreach (var other in _machines.Where(machine => machine.Name != one && !_isHealed))
                _wire.Cut(one, other.Name, random.Ticks(500, 1_500));
        });
    }

    internal override void Heal()
    {
        // Who is frozen goes on in his time: the others have to do without him until then.
        _isHealed = true;
        _wire.Mend();
    }

    /// <summary>Nobody reaches the store for a while, but for one machine perhaps.</summary>
    internal void Outage(long ticks, bool isStall, params IReadOnlyCollection<string> spared) => _wire.Outage(ticks, isStall, spared);

    /// <summary>One machine does not reach the store for a while.</summary>
    internal void CutFromStore(string machine, long ticks) => _wire.Cut(machine, SimWire.Store, ticks);

    /// <summary>Kills silos at the same time.</summary>
    internal void Kill(IEnumerable<MemberId> silos)
    {
        foreach (var machine in _machines.Where(machine => silos.Any(id => id.Name == machine.Name)))
            machine.Silo!.Process.Crash();
    }

    /// <summary>Starts the silo more that may join.</summary>
    /// <returns>Its name.</returns>
    internal string JoinSpare()
    {
        var spare = _machines.Single(static machine => machine.IsSpare);
        Start(spare);
        return spare.Name;
    }

    /// <inheritdoc/>
    public override void Dispose() => _lives.ForEach(static life => life.Dispose());

    private void Start(Machine machine)
    {
        machine.IsStopping = false;
        var silo = new SimClusterSilo(NewProcess(machine.Name), Disk, _wire, _registry, machine.Name, machine.Address);
        _lives.Add(silo);
        machine.Silo = silo;
        silo.Process.Died += () =>
        {
            if (!machine.IsSpare)
                World.After(_wire.Random.Ticks(20, _isHealed ? 500 : 2_500), null, () => Start(machine));
        };
        silo.Start(machine.Entrance);
    }

    private void StartGateway(Entrance gate)
    {
        var gateway = new SimGateway(NewProcess(gate.Name), Disk, _wire, _registry, gate.Name);
        _lives.Add(gateway);
        _gateways.Add(gateway);
        gateway.Process.Died += () =>
        {
            _gateways.Remove(gateway);
            World.After(_wire.Random.Ticks(20, 500), null, () => StartGateway(gate));
        };
        gateway.Start(gate);
    }

    private sealed class Machine(string name, SiloAddress address, bool isSpare)
    {
        internal string Name { get; } = name;

        internal SiloAddress Address { get; } = address;

        /// <summary>It joins once in a while, and is not started again.</summary>
        internal bool IsSpare { get; } = isSpare;

        internal bool IsStopping { get; set; }

        internal Entrance Entrance { get; } = new(name);

        internal SimClusterSilo? Silo { get; set; }
    }
}
