namespace Grid.Tests.Simulation;

/// <summary>What kind of grid a seed runs on, and which bug is planted in its surroundings, if any.</summary>
/// <param name="Silos">1 for a single process; else a cluster of that many silos.</param>
/// <param name="Disk">What the store keeps to.</param>
/// <param name="Storm">What strikes.</param>
/// <param name="Duplicates">How often the directory lets a second activation in.</param>
internal sealed record SimSetup(
    int Silos,
    DiskRules Disk,
    StormKind Storm = StormKind.Everything,
    double Duplicates = 0
)
{
    internal static readonly SimSetup Lone = new(1, new DiskRules());

    internal static readonly SimSetup Cluster = new(3, new DiskRules());

    /// <summary>A cluster whose directory lets second activations in, for moments.</summary>
    internal static readonly SimSetup Duplicated = new(3, new DiskRules(), Duplicates: 0.3);

    /// <summary>How long the directory keeps what a dead silo had.</summary>
    internal TimeSpan Hold { get; init; } = SimGuard.Times.Hold;

    /// <summary>What is done wrong.</summary>
    internal PlantedBug Plant { get; init; }

    /// <summary>Clocks stand still in a frozen process, so that it can't know that it was.</summary>
    internal bool ClockStopsWhenFrozen { get; init; }
}

/// <summary>What is done wrong.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A silo answers whether or not it has read the table lately.</summary>
    NoGate,

    /// <summary>A change that was let in is answered though the gate was shut meanwhile.</summary>
    NoSecondCheck,

    /// <summary>As stock Orleans: no gate, and a silo that finds that it is dead answers for 2 s more.</summary>
    SlowFatalHandler,
}

/// <summary>What strikes in a storm.</summary>
internal enum StormKind
{
    /// <summary>Anything.</summary>
    Everything,

    /// <summary>Silos are separated from the others, or taken for dead, while commits are slow: two may think that they have a grain.</summary>
    Separations,

    /// <summary>Nothing: time passes.</summary>
    None,
}

/// <summary>What came of a seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Hash">Stands for everything that happened: two runs of a seed have the same.</param>
/// <param name="Faults">The rules that were broken; none if all is well.</param>
/// <param name="Events">How much happened.</param>
/// <param name="Lasted">How long it took in the world.</param>
/// <param name="Answered">Calls that were answered.</param>
/// <param name="Unanswered">Calls that failed.</param>
/// <param name="Checks">Answers that were held against what was known.</param>
/// <param name="Log">What happened, if it was written down.</param>
internal sealed record SimReport(
    ulong Seed,
    ulong Hash,
    IReadOnlyList<string> Faults,
    long Events,
    TimeSpan Lasted,
    int Answered,
    int Unanswered,
    int Checks,
    IReadOnlyList<string> Log
);

/// <summary>Runs one seed from its beginning to its end.</summary>
internal static class SimRun
{
    // Longer than any storm, the retries after it, and the return of everything.
    private static readonly long Longest = TimeSpan.FromSeconds(60).Ticks;

    internal static SimReport Run(ulong seed, SimSetup setup, bool isWritten = false)
    {
        // The context of a test would take the world's continuations to other threads.
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return RunHere(seed, setup, isWritten);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }
    }

    private static SimReport RunHere(ulong seed, SimSetup setup, bool isWritten)
    {
        var log = new SimLog(isWritten);
        var world = new SimWorld(seed, log);
        // Silos of a cluster share a server.
        var weather = new SimWeather(world);
        weather.IsServer |= setup.Silos > 1;
        var callers = new SimProcess(world, "callers", 0);
        var house = new SiloHouse(world, weather, setup);
        var links = new Links(world, weather, callers);
        var checks = new Checks(world, house.Disk, setup.Duplicates > 0);
        var town = TownPlan.Draw(world.Random.Fork(6));
        var everybody = new Callers(world, links, callers, house.Entrances, town, checks);
        var storm = new Storm(world, house, setup.Storm);
        house.Begin();
        storm.Begin();
        everybody.Start(storm);
        if (!world.Run(() => everybody.AreDone, Longest) && !world.HasFailed)
            world.Fail($"the grid did not heal; still waiting: {string.Join(", ", everybody.Busy)}");
        return new SimReport(
            seed,
            log.Hash,
            world.Faults,
            world.Events,
            new TimeSpan(world.Now),
            links.Answered,
            links.Unanswered,
            checks.Made,
            log.Lines
        );
    }
}
