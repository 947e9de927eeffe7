namespace Grid.Tests.Simulation;

/// <summary>What kind of grid a seed runs on, and which bug is planted in its surroundings, if any.</summary>
/// <param name="Silos">1 for a lone silo; else a cluster of so many.</param>
/// <param name="Disk">What the disk keeps to.</param>
/// <param name="ClockStopsWhenFrozen">Clocks stand still in a frozen process, so that it can't know that it was.</param>
/// <param name="Plant">What the silos' surroundings do wrong.</param>
/// <param name="Storm">What strikes.</param>
internal sealed record SimSetup(
    int Silos, DiskRules Disk, bool ClockStopsWhenFrozen = false, PlantedBug Plant = PlantedBug.None, StormKind Storm = StormKind.Everything)
{
    internal static readonly SimSetup Lone = new(1, new DiskRules());

    internal static readonly SimSetup Cluster = new(3, new DiskRules());
}

/// <summary>What strikes in a storm.</summary>
internal enum StormKind
{
    Everything,

    /// <summary>Nobody reaches the store for seconds, but for a silo that joins.</summary>
    LongOutages,

    /// <summary>One silo does not reach the store for seconds, and then not the other silos; all others reach both.</summary>
    LoneOutages,
}

/// <summary>What is done wrong beside the product.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A silo that refuses a promise, because it has the store, seems to give it.</summary>
    PromisesAreNotKept,

    /// <summary>The store says of every silo that it knows all others.</summary>
    StrangersAreTakenOut,
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
    ulong Seed, ulong Hash, IReadOnlyList<string> Faults, long Events, TimeSpan Lasted,
    int Answered, int Unanswered, int Checks, IReadOnlyList<string> Log);

/// <summary>Runs one seed from its beginning to its end.</summary>
internal static class SimRun
{
    // Longer than any storm, the retries after it, and two elections of everything.
    private static readonly long s_longest = TimeSpan.FromSeconds(60).Ticks;

    /// <summary>How long a call in a cluster may take before its caller hears that the outcome is unknown.</summary>
    internal static readonly TimeSpan ClusterTimeout = TimeSpan.FromSeconds(1.8);

    internal static SimReport Run(ulong seed, SimSetup setup, bool isWritten = false)
    {
        var outside = SynchronizationContext.Current;
        var log = new SimLog(isWritten);
        var world = new SimWorld(seed, log);
        var weather = new SimWeather(world.Random.Fork(5));
        var callers = new SimProcess(world, "callers", 0);
        using House house = setup.Silos == 1 ? new LoneHouse(world, weather, setup) : new ClusterHouse(world, weather, setup);
        var links = new Links(world, weather, callers, setup.Silos == 1 ? SimSilo.ResponseTimeout : ClusterTimeout);
        var checks = new Checks(world, house.Disk);
        var town = TownPlan.Draw(world.Random.Fork(6));
        var everybody = new Callers(world, links, callers, house.Entrances, town, checks);
        var storm = new Storm(world, house, weather, setup.Storm);
        try
        {
            house.Begin();
            storm.Begin();
            everybody.Start(storm);
            if (!world.Run(() => everybody.AreDone, s_longest) && !world.HasFailed)
                world.Fail($"the grid did not heal; still waiting: {string.Join(", ", everybody.Busy)}");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }

        return new SimReport(
            seed, log.Hash, world.Faults, world.Events, new TimeSpan(world.Now), links.Answered, links.Unanswered, checks.Made, log.Lines);
    }
}
