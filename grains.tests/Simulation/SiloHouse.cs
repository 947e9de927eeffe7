namespace Grid.Tests.Simulation;

/// <summary>
/// Runs silos on one store, each with a gateway, and gateways without grains. It restarts every process that ends, some
/// after a delay; one additional silo may join and leave.
/// </summary>
internal sealed class SiloHouse : House
{
    private readonly List<Machine> _machines = [];
    private readonly SimSettings _settings;
    private readonly SimRandom _random;
    private readonly string[] _places;
    private SimCluster _cluster;
    private int _generations;
    private bool _isHealed;

    internal SiloHouse(SimWorld world, SimWeather weather, SimSetup setup)
        : base(world, weather, setup)
    {
        _random = world.Random.Fork(8);
        _settings = SimSettings.Draw(_random);
        _cluster = new SimCluster(world, weather, setup);
        Disk = new SimDisk(world, weather, _random.Between(2, 8), setup.Disk);
        for (var number = 0; number < setup.Silos; number++)
            _machines.Add(new Machine($"silo-{(char)('a' + number)}", number, hostsGrains: true, isSpare: false));
        if (setup.Silos > 1)
        {
            _machines.Add(new Machine("silo-x", setup.Silos, hostsGrains: true, isSpare: true));
            for (var number = _random.Between(0, 2); number > 0; number--)
                _machines.Add(new Machine($"gateway-{number}", number, hostsGrains: false, isSpare: false));
        }

        // A cut from a server is the hardest fault.
        _places = [SimWire.Redis, SimWire.Redis, SimWire.Postgres, .. _machines.Select(static machine => machine.Name)];
        Entrances = [.. _machines.Where(static machine => !machine.IsSpare).Select(static machine => machine.Entrance)];
    }

    internal override IReadOnlyList<Entrance> Entrances { get; }

    internal override SimDisk Disk { get; }

    private bool IsAlone => Setup.Silos == 1;

    private IReadOnlyList<Machine> Running =>
        _machines.FindAll(static machine => machine.Life is { Process.IsAlive: true });

    internal override void Begin()
    {
        foreach (var machine in _machines.Where(static machine => !machine.IsSpare))
            Start(machine);
    }

    internal override void Strike(Trouble trouble, SimRandom random)
    {
        var running = Running;
        if (running.Count == 0)
            return;
        var machine = random.Pick(running);
        var life = machine.Life!;
        switch (trouble)
        {
            case Trouble.Crash:
                life.Process.Crash();
                break;
            case Trouble.Freeze:
                FreezeFor(
                    life.Process,
                    random.Pick([random.Ticks(20, 700), random.Ticks(700, 1_500), random.Ticks(1_500, 3_500)])
                );
                break;
            case Trouble.Stop when !life.Process.IsFrozen && !machine.IsStopping:
                machine.IsStopping = true;
                life.Stop(machine.Entrance);
                break;
            case Trouble.DiskStall:
                Disk.Stall(random.Ticks(50, 2_000));
                break;
            case Trouble.ClockJump:
                life.Process.JumpClock(random.Ticks(-1_800_000, 1_800_000));
                break;
            case Trouble.Cut when !IsAlone:
                _cluster.Wire.Cut(machine.Name, random.Pick(_places), random.Ticks(50, 3_000));
                break;
            case Trouble.Isolate when !IsAlone:
                Isolate(machine, random);
                break;
            case Trouble.Kill when !IsAlone:
                Kill(machine, random);
                break;
            case Trouble.Outage when !IsAlone:
                Outage(random);
                break;
            case Trouble.Join
                when _machines.Find(static spare => spare.IsSpare)
                    is { Life: null or { Process.IsAlive: false } } spare:
                Start(spare);
                break;
        }
    }

    internal override void Heal()
    {
        // A frozen process resumes later: the others must work without it until then.
        _isHealed = true;
        _cluster.Wire.Mend();
    }

    private void Outage(SimRandom random)
    {
        var server = random.Pick([SimWire.Redis, SimWire.Postgres]);
        var length = random.Pick([random.Ticks(50, 800), random.Ticks(800, 4_000)]);
        foreach (var machine in _machines)
            _cluster.Wire.Cut(machine.Name, server, length);
    }

    // Cuts a member from the table and the other members, in either order: it does not learn that they declared it
    // dead. Callers still reach it.
    private void Isolate(Machine one, SimRandom random)
    {
        var length = random.Ticks(1_500, 5_000);
        var isTableFirst = random.Chance(0.5);
        if (isTableFirst)
            _cluster.Wire.Cut(one.Name, SimWire.Redis, length);
        else
            CutFromMembers(one, length);
        World.After(isTableFirst ? random.Ticks(0, 500) : random.Ticks(700, 1_700), null, () =>
        {
            if (_isHealed)
                return;
            if (isTableFirst)
                CutFromMembers(one, length);
            else
                _cluster.Wire.Cut(one.Name, SimWire.Redis, length);
        });
    }

    private void CutFromMembers(Machine one, long length)
    {
        foreach (var other in _machines.Where(other => other != one))
            _cluster.Wire.Cut(one.Name, other.Name, length);
    }

    // A member declares a healthy member dead, as after refused connections. Some victims can't read that they are
    // dead, and some have a write in flight that commits after the successor has read.
    private void Kill(Machine machine, SimRandom random)
    {
        var victim = machine.Life!;
        if (random.Chance(0.8))
        {
            var length = random.Ticks(1_000, 4_000);
            _cluster.Wire.Cut(machine.Name, SimWire.Redis, length);
            // Otherwise the others tell it of its death.
            if (random.Chance(0.7))
                CutFromMembers(machine, length);
        }

        if (random.Chance(0.7))
            Disk.Stall(random.Ticks(800, 1_490));
        _cluster.Wire.AfterWhile(0, random.Pick([30, 30, 400]), () =>
        {
            if (
                Running
                    .Select(static other => other.Life!)
                    .FirstOrDefault(life => life != victim && life.Membership.IsActive) is
                { } peer
            )
                peer.Process.Start(() => _ = peer.Membership.TryKill(victim.Address));
        });
    }

    private void Start(Machine machine)
    {
        machine.IsStopping = false;
        // A single process keeps its membership in memory.
        if (IsAlone)
            _cluster = new SimCluster(World, Weather, Setup);
        var address = SimAddresses.Of(machine.Number, machine.HostsGrains, ++_generations);
        var life = new SimMember(_cluster, Disk, NewProcess(machine.Name), machine.Name, address, _settings);
        machine.Life = life;
        life.Process.Died += () =>
        {
            Watch(life);
            if (!machine.IsSpare)
                World.After(_random.Ticks(20, _isHealed ? 500 : 2_500), null, () => Start(machine));
        };
        life.Start(machine.Entrance);
    }

    // The others see a refused connection and declare the process dead, unless that is switched off.
    private void Watch(SimMember dead)
    {
        if (IsAlone || _random.Chance(0.3))
            return;
        _cluster.Wire.AfterWhile(30, 150, () =>
        {
            if (Running.Select(static machine => machine.Life!).FirstOrDefault(life => life != dead) is { } peer)
                peer.Process.Start(() => _ = peer.Membership.TryKill(dead.Address));
        });
    }

    private sealed class Machine(string name, int number, bool hostsGrains, bool isSpare)
    {
        internal string Name { get; } = name;

        internal int Number { get; } = number;

        internal bool HostsGrains { get; } = hostsGrains;

        /// <summary>It joins at times, and is not restarted.</summary>
        internal bool IsSpare { get; } = isSpare;

        internal Entrance Entrance { get; } = new(name);

        internal SimMember? Life { get; set; }

        internal bool IsStopping { get; set; }
    }
}
