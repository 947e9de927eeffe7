namespace Grid.Tests.Simulation;

/// <summary>The kind of grid that a seed runs on, with an optional planted bug.</summary>
/// <param name="Silos">The number of silos; 1 is a single process.</param>
/// <param name="Disk">The guarantees of the store.</param>
/// <param name="Storm">The kinds of faults.</param>
/// <param name="Duplicates">The chance that the directory admits a second activation.</param>
internal sealed record SimSetup(
    int Silos,
    DiskRules Disk,
    StormKind Storm = StormKind.Everything,
    double Duplicates = 0
)
{
    internal static readonly SimSetup Lone = new(1, new DiskRules());

    internal static readonly SimSetup Cluster = new(3, new DiskRules());

    /// <summary>A cluster whose directory admits short-lived second activations.</summary>
    internal static readonly SimSetup Duplicated = new(3, new DiskRules(), Duplicates: 0.3);

    /// <summary>How long the directory keeps the entries of a dead silo.</summary>
    internal TimeSpan Hold { get; init; } = SimGuard.Times.Hold;

    /// <summary>The planted bug.</summary>
    internal PlantedBug Plant { get; init; }

    /// <summary>Clocks stop in a frozen process, so that it can't detect the freeze.</summary>
    internal bool ClockStopsWhenFrozen { get; init; }
}

/// <summary>The planted bugs.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A silo answers without having read the table recently.</summary>
    NoGate,

    /// <summary>A change is answered although the gate was shut in the meantime.</summary>
    NoSecondCheck,

    /// <summary>Stock Orleans: no gate, and a silo that learns of its death answers for 2 s more.</summary>
    SlowFatalHandler,
}

/// <summary>The kinds of faults in a storm.</summary>
internal enum StormKind
{
    /// <summary>All kinds of faults.</summary>
    Everything,

    /// <summary>
    /// Silos are cut off or declared dead while commits are slow: two silos may both consider a grain theirs.
    /// </summary>
    Separations,

    /// <summary>No faults.</summary>
    None,
}

/// <summary>The report of a seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Hash">The hash of all events: equal for two runs of a seed.</param>
/// <param name="Faults">The broken rules; empty on success.</param>
/// <param name="Events">The number of events.</param>
/// <param name="Lasted">The duration in world time.</param>
/// <param name="Answered">Calls that were answered.</param>
/// <param name="Unanswered">Calls that failed.</param>
/// <param name="Checks">The number of checked answers.</param>
/// <param name="Log">The text of the log, if kept.</param>
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

/// <summary>Runs one seed.</summary>
internal static class SimRun
{
    // Longer than any storm, its retries and the final reads.
    private static readonly long Longest = TimeSpan.FromSeconds(60).Ticks;

    internal static SimReport Run(ulong seed, SimSetup setup, bool isWritten = false)
    {
        // A synchronization context would post the world's continuations to other threads.
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
