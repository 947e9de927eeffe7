using System.Globalization;
using System.Net;
using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.Capacity.Sizing;
using Grid.Bench.Load.Capacity.Traffic;
using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.Capacity;

/// <summary>The options of <c>capacity</c>; see <c>docs/capacity.md</c>.</summary>
internal sealed record CapacityOptions
{
    public const int MaxSilos = 32;
    public const int MaxRounds = 20;

    /// <summary>Scenarios for which the highest rate is searched.</summary>
    public static readonly string[] Searched = ["mixed", "mass-test", "checkpoint"];

    /// <summary>Scenarios with a fixed course, played once.</summary>
    public static readonly string[] Played = ["surge", "join", "kill", "freeze", "stop", "gateways", "overload"];

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Numbers of silos, one cluster for each; 0 is a gateway that hosts the grains itself.</summary>
    public required IReadOnlyList<int> Silos { get; init; }

    public required string Scenario { get; init; }

    public bool IsPlayed => Played.Contains(Scenario);

    public required TrafficMix Mix { get; init; }

    /// <summary>A running gateway; null: starts clusters on this machine.</summary>
    public IPEndPoint? Server { get; init; }

    public required StageOptions Stage { get; init; }

    public string? Silo { get; init; }

    public required int Rounds { get; init; }

    public required SearchBounds Bounds { get; init; }

    public required TrialWindows Windows { get; init; }

    public required TimeSpan WarmUp { get; init; }

    /// <summary>Maximum requests in flight.</summary>
    public required int Connections { get; init; }

    /// <summary>Cores of each silo; null: chosen by calibration.</summary>
    public double? Slice { get; init; }

    /// <summary>Leaves the silos' CPU unlimited.</summary>
    public bool NoSlices { get; init; }

    /// <summary>Peak rate of a played scenario in requests a second; null: half of the measured capacity.</summary>
    public double? Rate { get; init; }

    /// <summary>Maximum acknowledged scans to replay at the end.</summary>
    public required int MaxReplays { get; init; }

    public required CityNeeds Needs { get; init; }

    public required string Scratch { get; init; }

    public string? MarkdownFile { get; init; }

    public string? JsonFile { get; init; }

    public bool Quiet { get; init; }

    public static CapacityOptions Parse(IEnumerable<string> arguments)
    {
        var given = new Arguments(arguments);
        var scenario = given.OneOf("scenario", "mixed", [.. Searched, .. Played]);
        var url = given.Text("url");
        var isOwned = given.Flag(Target.OwnedFlag);
        var options = new CapacityOptions
        {
            Scenario = scenario,
            Silos = SilosOf(given.Text("silos") ?? (Played.Contains(scenario) ? "3" : "1,2,4")),
            Server = url is null ? null : Target.Resolve(url, isOwned),
            Mix = given.Text("mix") is { } mix ? TrafficMix.Parse(mix) : MixOf(scenario),
            Silo = given.Text("silo"),
            Rounds = given.Number("rounds", 3, 1, MaxRounds),
            Bounds = new SearchBounds(
                given.Duration("p99", SearchBounds.Default.P99, Millisecond, Minute),
                given.Fraction("max-error-rate", SearchBounds.Default.MaxErrorRate, 0, 1),
                SearchBounds.Default.MinAchieved
            ),
            Windows = new TrialWindows(
                given.Duration("settle", TimeSpan.FromSeconds(1), 100 * Millisecond, Minute),
                given.Duration("window", TimeSpan.FromSeconds(2.5), 500 * Millisecond, 10 * Minute)
            ),
            WarmUp = given.Duration("warmup", TimeSpan.FromSeconds(8), TimeSpan.Zero, 10 * Minute),
            Connections = given.Number(
                "connections",
                scenario == "overload" ? 4_096 : 1_024,
                1,
                Driving.LoadPlan.ConnectionsMax
            ),
            NoSlices = given.Flag("no-slices"),
            Slice = given.Text("slice") is { } slice ? SliceOf(slice) : null,
            Rate = given.Text("rate") is { } rate ? RateOf(rate) : null,
            MaxReplays = given.Number("replays", 60_000, 0, int.MaxValue),
            Needs = NeedsOf(given),
            Scratch = given.Text("scratch", Path.GetTempPath()),
            MarkdownFile = given.Text("markdown"),
            JsonFile = given.Text("json"),
            Quiet = given.Flag("quiet"),
            Stage = CrowdOf(given),
        };
        given.Finish();
        if (options.Server is null && options.Stage.DataFolder is not null)
            throw new LoadException("--data needs --url: clusters that this tool starts get a city of their own");
        return options;
    }

    public static TrafficMix MixOf(string scenario) =>
        scenario switch
        {
            "mass-test" => TrafficMix.MassTest,
            "checkpoint" => TrafficMix.Checkpoint,
            "gateways" => TrafficMix.Displays,
            _ => TrafficMix.Mixed,
        };

    private static int[] SilosOf(string text)
    {
        var silos = text.Split(',')
            .Select(part =>
                int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number <= MaxSilos
                    ? number
                    : throw new LoadException($"--silos is numbers up to {MaxSilos} such as 1,2,4; not '{text}'")
            )
            .ToArray();
        return silos.Distinct().Count() == silos.Length
            ? silos
            : throw new LoadException("--silos names a number twice");
    }

    private static double SliceOf(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cores)
        && cores is >= 0.01 and <= 64
            ? cores
            : throw new LoadException($"--slice is cores of each silo, 0.01 to 64; not '{text}'");

    private static double RateOf(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
        && rate is >= 10 and <= Driving.RateProfile.MaxRequestsPerSecond
            ? rate
            : throw new LoadException($"--rate is the peak in requests a second; not '{text}'");

    private static CityNeeds NeedsOf(Arguments given)
    {
        var usual = CityNeeds.Default;
        return new CityNeeds(
            given.Number("city-residents", (int)usual.Residents, 1, 50_000_000),
            given.Number("city-rate", (int)usual.RequestsPerSecond, 1, 100_000_000),
            given.Fraction("headroom", usual.Headroom, 0, 0.9),
            given.Fraction("silo-cores", usual.SiloCores, 0.1, 1024),
            given.Fraction("silo-memory-gb", usual.SiloMemoryBytes / 1e9, 0.1, 10_000) * 1e9,
            given.Fraction("gateway-cores", usual.GatewayCores, 0.1, 1024),
            given.Number("resident-bytes", (int)usual.BytesPerResident, 1, 1_000_000),
            given.Number("database-rows", (int)usual.RowsPerDatabase, 1, 10_000_000)
        );
    }

    private static StageOptions CrowdOf(Arguments given) =>
        new()
        {
            Residents = given.Number("residents", 100_000, 1_000, StageOptions.MaxResidents),
            DataFolder = given.Text("data"),
            ResidentsFile = given.Text("residents-file"),
            Gateway = given.Text("gateway"),
            Zipf = given.Fraction("zipf", 0.99, 0, 5),
            Venues = given.Number("venues", 50, 1, 10_000),
            Codes = 1,
            Batch = 1,
            Tubes = 1,
            TubeSize = 1,
            Mix = [1, 0, 0],
        };
}
