using Grid.Tests.Fixtures;

namespace Grid.Tests.Failures;

/// <summary>How a failure is run.</summary>
/// <param name="Programs">The folder of the programs.</param>
/// <param name="Settings">Further settings of every process.</param>
/// <param name="Lasts">How long a server is down.</param>
/// <param name="MaxRecover">How long residents may take to answer again before the run counts as not recovered.</param>
internal sealed record RunPlan(string Programs, string[] Settings, TimeSpan Lasts, TimeSpan MaxRecover)
{
    internal static RunPlan Short(params string[] settings) =>
        new(AppContext.BaseDirectory, settings, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(90));
}

/// <summary>The figures of one run. Times are through a member gateway unless stated otherwise.</summary>
internal sealed record RunFigures
{
    /// <summary>The longest time that any resident was without an answer.</summary>
    internal required TimeSpan Again { get; init; }

    /// <summary>The same through the gateway that is a client.</summary>
    internal required TimeSpan AgainAtClient { get; init; }

    /// <summary>Residents without an answer for more than half a second.</summary>
    internal required int Interrupted { get; init; }

    internal required EntranceFigures Member { get; init; }

    internal required EntranceFigures Client { get; init; }

    /// <summary>
    /// Answers that lacked facts acknowledged or seen before, at every entrance and at the failed silo's own port.
    /// </summary>
    internal required int Old { get; init; }

    /// <summary>The part of them at the failed silo's own port.</summary>
    internal int OldAtDoor { get; init; }

    /// <summary>
    /// Acknowledged facts that were missing or different at the end, and scan ids without exactly one row.
    /// </summary>
    internal required int Lost { get; init; }

    /// <summary>Answers outside the contract.</summary>
    internal required int Wrong { get; init; }

    /// <summary>Processes that ended by themselves.</summary>
    internal required int Ended { get; init; }

    /// <summary>Whether every resident was answered, and every story continued, after the failure.</summary>
    internal required bool Recovered { get; init; }

    internal required int Scans { get; init; }

    internal required IReadOnlyDictionary<string, TimeSpan?> Notes { get; init; }

    /// <summary>The first answers that should never occur.</summary>
    internal required IReadOnlyList<string> Remarks { get; init; }

    internal bool IsSafe => Old == 0 && Lost == 0 && Wrong == 0 && Ended == 0 && Recovered;
}

/// <summary>
/// One failure on real processes under load: warm up, fail, recover, and check everything that was acknowledged.
/// </summary>
internal static class FailureRun
{
    internal const int Residents = 32;
    private const int RoundsBefore = 2;
    private const int RoundsAfter = 3;
    private static readonly TimeSpan MaxWarm = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interruption = TimeSpan.FromMilliseconds(500);

    /// <summary>Why a failure cannot be run here; null when it can.</summary>
    internal static string? ReasonNotTo(Failure failure)
    {
        if (RedisFactAttribute.Reason is { } noServers)
            return noServers;
        if (failure.Needs.HasFlag(Needs.OwnNetworks) && NetworkFactAttribute.NoNetworks is { } noNetworks)
            return noNetworks;
        return failure.Needs.HasFlag(Needs.SmallDisk) ? new SmallDiskFactAttribute().Skip : null;
    }

    internal static async Task<RunFigures> RunAsync(Failure failure, RunPlan plan)
    {
        using var city = await FailureCity.StartAsync(failure.Needs, failure.Silos, plan);
        using var crowd = new Crowd(city, Residents);
        await using var share = failure.Target.Share is null ? null : await SiloShare.OpenAsync(city.Settings);
        await crowd.BeginAsync();
        if (!await crowd.ToldAsync(RoundsBefore, MaxWarm))
            throw new InvalidOperationException(
                $"The warm-up failed: {string.Join('\n', crowd.Remarks)}\n{city.House.Said()}"
            );
        foreach (var entrance in city.Entrances)
            entrance.Restart();
        foreach (var watcher in crowd.Watchers)
            watcher.Restart();
        var notes = new Dictionary<string, TimeSpan?>();
        // Half of the positive results arrive during the failure, half after it.
        Turn(crowd, remainder: 0);
        await failure.Act(new FailureScene(city, plan.Lasts, share, notes));
        Turn(crowd, remainder: 1);
        var recovered = await crowd.ToldAsync(RoundsAfter, plan.MaxRecover);
        var figures = FiguresOf(city, crowd, notes, recovered);
        if (!recovered)
            return figures with { Remarks = [.. figures.Remarks, city.House.Said()] };
        var ended = await crowd.EndAsync();
        var lost = await crowd.CountLostAsync();
        var rows = PostgresServer.Scalar<long>(city.House.Database, "SELECT count(*) FROM visits");
        return figures with
        {
            Recovered = ended,
            Lost = lost + (int)Math.Abs(rows - crowd.Scans),
            Old = Old(crowd),
            OldAtDoor = OldAtDoor(crowd),
            Wrong = Wrong(city),
            Ended = Ended(city, failure),
            Scans = crowd.Scans,
            Remarks = crowd.Remarks,
        };
    }

    private static void Turn(Crowd crowd, int remainder)
    {
        foreach (var resident in crowd.Residents.Where(resident => resident.Number % 2 == remainder))
            resident.TurnPositive();
    }

    private static RunFigures FiguresOf(
        FailureCity city,
        Crowd crowd,
        Dictionary<string, TimeSpan?> notes,
        bool recovered
    )
    {
        var silences = crowd
            .Watchers.Where(static watcher => !watcher.Entrance.IsGone)
            .ToLookup(static watcher => watcher.Entrance.Kind);
        return new RunFigures
        {
            Again = silences[EntranceKind.Member].Max(static watcher => watcher.Silence),
            AgainAtClient = silences[EntranceKind.Client].Max(static watcher => watcher.Silence),
            Interrupted = silences[EntranceKind.Member].Count(static watcher => watcher.Silence > Interruption),
            Member = Sum(city, EntranceKind.Member),
            Client = Sum(city, EntranceKind.Client),
            Old = Old(crowd),
            OldAtDoor = OldAtDoor(crowd),
            Lost = 0,
            Wrong = Wrong(city),
            Ended = 0,
            Recovered = recovered,
            Scans = crowd.Scans,
            Notes = notes,
            Remarks = crowd.Remarks,
        };
    }

    // A killed gateway gives no figures: its callers went elsewhere.
    private static EntranceFigures Sum(FailureCity city, EntranceKind kind)
    {
        var sum = default(EntranceFigures);
        foreach (
            var each in city
                .Entrances.Where(entrance => entrance.Kind == kind && !entrance.IsGone)
                .Select(static entrance => entrance.Figures)
        )
        {
            sum = new EntranceFigures
            {
                Calls = sum.Calls + each.Calls,
                LongestCall = EntranceFigures.Longer(sum.LongestCall, each.LongestCall),
                DisplaysRefused = sum.DisplaysRefused + each.DisplaysRefused,
                DisplaysRefusedFor = EntranceFigures.Longer(sum.DisplaysRefusedFor, each.DisplaysRefusedFor),
                CommandsRefused = sum.CommandsRefused + each.CommandsRefused,
                CommandsRefusedFor = EntranceFigures.Longer(sum.CommandsRefusedFor, each.CommandsRefusedFor),
            };
        }

        return sum;
    }

    private static int Old(Crowd crowd) => crowd.Watchers.Sum(static watcher => watcher.Old);

    private static int OldAtDoor(Crowd crowd) =>
        crowd
            .Watchers.Where(static watcher => watcher.Entrance.Kind == EntranceKind.Door)
            .Sum(static watcher => watcher.Old);

    private static int Wrong(FailureCity city) => city.Entrances.Sum(static entrance => entrance.Wrong.Length);

    private static int Ended(FailureCity city, Failure failure) =>
        city.Silos.Take(failure.Silos - failure.Ends)
            .Concat(city.Silos.Skip(failure.Silos))
            .Count(static silo => silo.HasExited)
        + city.Gateways.Count(static gateway => !gateway.Entrance.IsGone && gateway.Process.HasExited);
}
