namespace Grid.Tests.Simulation;

/// <summary>One silo that hosts its own gateway on one machine, started again whenever it ends.</summary>
internal sealed class LoneHouse : House
{
    private readonly Entrance _entrance = new("gateway");
    private readonly List<SimSilo> _lives = [];
    private bool _isStarting;

    internal LoneHouse(SimWorld world, SimWeather weather, SimSetup setup)
        : base(world, weather, setup) => Disk = new SimDisk(world, weather, units: 4, setup.Disk);

    internal override IReadOnlyList<Entrance> Entrances => [_entrance];

    internal override SimDisk Disk { get; }

    private SimSilo Silo => _lives[^1];

    internal override void Begin()
    {
        _isStarting = false;
        var silo = SimSilo.Start(NewProcess("silo"), Disk, _entrance);
        _lives.Add(silo);
        silo.Process.Died += () =>
        {
            _isStarting = true;
            World.After(Disk.Random.Ticks(5, 400), null, Begin);
        };
    }

    internal override void Strike(Trouble trouble, SimRandom random)
    {
        switch (trouble)
        {
            case Trouble.Crash:
                Silo.Process.Crash();
                break;
            case Trouble.Freeze:
                FreezeFor(Silo.Process, random.Ticks(20, 3_000));
                break;
            case Trouble.Stop when !_isStarting && !Silo.Process.IsFrozen:
                Silo.Stop();
                break;
            case Trouble.DiskStall:
                Disk.Stall(random.Ticks(50, 3_000));
                break;
            case Trouble.ClockJump:
                Silo.Process.JumpClock(random.Ticks(-1_800_000, 1_800_000));
                break;
        }
    }

    internal override void Heal() => Silo.Process.Thaw();

    /// <inheritdoc/>
    public override void Dispose() => _lives.ForEach(static life => life.Dispose());
}
