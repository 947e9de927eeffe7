namespace Grid.Tests.Failures;

/// <summary>The design's targets for a failure; null where they set none.</summary>
/// <param name="Again">How long residents may be without an answer, at the member gateway.</param>
/// <param name="RefusedFor">How long a display or a command may be refused.</param>
/// <param name="DisplaysGoOn">Whether no display of a hot resident may be refused.</param>
/// <param name="Share">How soon a joining silo carries its share.</param>
internal sealed record Target(
    TimeSpan? Again = null,
    TimeSpan? RefusedFor = null,
    bool DisplaysGoOn = false,
    TimeSpan? Share = null
)
{
    /// <summary>The longest that any call may take.</summary>
    internal static readonly TimeSpan Call = TimeSpan.FromSeconds(2);
}

/// <summary>One failure, and what the grid must keep to during it.</summary>
internal sealed record Failure
{
    /// <summary>The name on the command line.</summary>
    internal required string Name { get; init; }

    /// <summary>The title in the table.</summary>
    internal required string Title { get; init; }

    internal required Target Target { get; init; }

    /// <summary>Causes the failure, and returns when it is over.</summary>
    internal required Func<FailureScene, Task> Act { get; init; }

    internal int Silos { get; init; } = 2;

    internal Needs Needs { get; init; }

    /// <summary>
    /// The number of silos, counted from the end, that it ends or may end; all other processes must survive.
    /// </summary>
    internal int Ends { get; init; }

    public override string ToString() => Name;
}

/// <summary>What a failure acts on.</summary>
/// <param name="Lasts">How long a server is down.</param>
/// <param name="Share">Watches where residents are hosted, if the target asks for a share.</param>
/// <param name="Notes">Figures of this failure alone; null on timeout.</param>
internal sealed record FailureScene(
    FailureCity City,
    TimeSpan Lasts,
    SiloShare? Share,
    Dictionary<string, TimeSpan?> Notes
);

/// <summary>All failures of the campaign.</summary>
internal static class FailureList
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FrozenFor = 5 * Second;
    private static readonly TimeSpan CutFor = 10 * Second;

    private static readonly Target Killed = new(Again: Second);
    private static readonly Target Frozen = new(Again: 3 * Second);
    private static readonly Target Moved = new(RefusedFor: 0.5 * Second);
    private static readonly Target Away = new(DisplaysGoOn: true);

    /// <summary>No time is asked for: nothing old may be shown and nothing lost.</summary>
    internal static readonly Target SafetyAlone = new();

    internal static readonly IReadOnlyList<Failure> All =
    [
        new()
        {
            Name = "kill",
            Title = "silo killed (SIGKILL)",
            Target = Killed,
            Ends = 1,
            Act = Do(static city => city.Victim.Kill()),
        },
        new()
        {
            Name = "freeze",
            Title = "silo frozen for 5 s (SIGSTOP), then thawed",
            Target = Frozen,
            Ends = 1,
            Needs = Needs.Doors,
            Act = For(static _ => FrozenFor, static city => city.Victim.Freeze(), static city => city.Victim.Thaw()),
        },
        new()
        {
            Name = "stop",
            Title = "silo stopped (SIGTERM)",
            Target = Moved,
            Ends = 1,
            Act = StopAsync,
        },
        new()
        {
            Name = "join",
            Title = "silo joins",
            Target = Moved with { Share = 5 * Second },
            Act = JoinAsync,
        },
        new()
        {
            Name = "cut-silos",
            Title = "cut between two silos for 10 s",
            Target = Frozen,
            Ends = 2,
            Needs = Needs.OwnNetworks | Needs.Doors,
            Act = For(static _ => CutFor, static city => city.CutSilos(), static city => city.HealSilos()),
        },
        new()
        {
            Name = "cut-redis",
            Title = "cut between a silo and Redis for 10 s",
            Target = Away,
            Needs = Needs.OwnNetworks | Needs.Doors,
            Act = For(static _ => CutFor, static city => city.CutRedis(), static city => city.HealRedis()),
        },
        new()
        {
            Name = "cut-postgres",
            Title = "cut between a silo and PostgreSQL for 10 s",
            Target = Away,
            Needs = Needs.OwnNetworks | Needs.Doors,
            Act = For(static _ => CutFor, static city => city.CutPostgres(), static city => city.HealPostgres()),
        },
        new()
        {
            Name = "cut-all",
            Title = "cut between a silo and everybody for 10 s",
            Target = Frozen,
            Ends = 1,
            Needs = Needs.OwnNetworks | Needs.Doors,
            Act = For(static _ => CutFor, static city => city.CutAll(), static city => city.HealAll()),
        },
        new()
        {
            Name = "redis",
            Title = "Redis killed, and started empty",
            Target = Away,
            Act = For(
                static scene => scene.Lasts,
                static city => city.House.Redis.Kill(),
                static city =>
                {
                    city.House.Redis.Lose();
                    city.House.Redis.Start();
                }
            ),
        },
        new()
        {
            Name = "postgres-kill",
            Title = "PostgreSQL killed, and started",
            Target = Away,
            Act = For(
                static scene => scene.Lasts,
                static city => city.House.Postgres.Kill(),
                static city => city.House.Postgres.Start()
            ),
        },
        new()
        {
            Name = "postgres-freeze",
            Title = "PostgreSQL frozen, and thawed",
            Target = Away,
            Act = For(
                static scene => scene.Lasts,
                static city => city.House.Postgres.Freeze(),
                static city => city.House.Postgres.Thaw()
            ),
        },
        new()
        {
            Name = "disk-full",
            Title = "PostgreSQL's disk full, and emptied",
            Target = Away,
            Needs = Needs.SmallDisk,
            Act = For(
                static scene => scene.Lasts,
                static city => city.Disk!.Fill(),
                static city =>
                {
                    city.Disk!.Empty();
                    city.House.Postgres.StartIfEnded();
                }
            ),
        },
        new()
        {
            Name = "gateway",
            Title = "gateway killed (another one stays)",
            Target = new(Again: Second),
            Needs = Needs.TwoGateways,
            Act = Do(static city =>
            {
                city.Gateways[0].Entrance.IsGone = true;
                city.Gateways[0].Process.Kill();
            }),
        },
        new()
        {
            Name = "kill-redis",
            Title = "silo killed while Redis is dead; Redis started again",
            Target = SafetyAlone,
            Ends = 1,
            Act = For(
                static scene => scene.Lasts,
                static city =>
                {
                    city.House.Redis.Kill();
                    city.Victim.Kill();
                },
                static city => city.House.Redis.Start()
            ),
        },
        new()
        {
            Name = "kill-redis-frozen",
            Title = "silo killed while Redis is frozen; Redis thawed",
            Target = SafetyAlone,
            Ends = 1,
            Act = For(
                static scene => scene.Lasts,
                static city =>
                {
                    city.House.Redis.Freeze();
                    city.Victim.Kill();
                },
                static city => city.House.Redis.Thaw()
            ),
        },
        new()
        {
            Name = "kill-two",
            Title = "two silos of three killed at once",
            Target = SafetyAlone,
            Silos = 3,
            Ends = 2,
            Act = Do(static city =>
            {
                city.Silos[1].Kill();
                city.Silos[2].Kill();
            }),
        },
    ];

    internal static Failure Named(string name) =>
        All.FirstOrDefault(failure => failure.Name == name)
        ?? throw new ArgumentException($"'{name}' is not a failure; choose from {string.Join(", ", All)}.");

    private static Func<FailureScene, Task> Do(Action<FailureCity> act) =>
        scene =>
        {
            act(scene.City);
            return Task.CompletedTask;
        };

    private static Func<FailureScene, Task> For(
        Func<FailureScene, TimeSpan> time,
        Action<FailureCity> begin,
        Action<FailureCity> end
    ) =>
        async scene =>
        {
            begin(scene.City);
            await Task.Delay(time(scene));
            end(scene.City);
        };

    private static async Task StopAsync(FailureScene scene)
    {
        var from = TimeProvider.System.GetTimestamp();
        var code = await scene.City.Victim.StopAsync();
        scene.Notes["left after"] = TimeProvider.System.GetElapsedTime(from);
        if (code != 0)
            throw new InvalidOperationException($"The silo ended with exit code {code}: {scene.City.Victim.Log}");
    }

    /// <summary>The share is timed from when the silo is ready: the start of a program is measured elsewhere.</summary>
    private static async Task JoinAsync(FailureScene scene)
    {
        await scene.Share!.RememberAsync();
        var from = TimeProvider.System.GetTimestamp();
        var newcomer = scene.City.AddSilo();
        await newcomer.ReadyAsync();
        scene.Notes["ready after"] = TimeProvider.System.GetElapsedTime(from);
        scene.Notes[SiloShare.Note] = await scene.Share.UntilTakenAsync();
    }
}
