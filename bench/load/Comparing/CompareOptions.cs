using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Comparing;

internal sealed record CompareOptions
{
    public const int MaxRounds = 100;

    private static readonly string[] ScenarioNames = ["display", "scan", "scan-batch", "results"];

    public required IReadOnlyList<string> Scenarios { get; init; }

    /// <summary>
    /// Names of <see cref="Contender.All"/>. The ceiling always takes part: the ratios are taken against it.
    /// </summary>
    public required IReadOnlyList<string> Contenders { get; init; }

    public required int Rounds { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>
    /// Load on each contender before the first round of a scenario, so that its hot paths are compiled.
    /// </summary>
    public required TimeSpan Warmup { get; init; }

    /// <summary>Load before the measured window of each round.</summary>
    public required TimeSpan Settle { get; init; }

    /// <summary>Null: 64 for displays and results, 256 for scans, 16 for batches.</summary>
    public int? Connections { get; init; }

    public required int Threads { get; init; }

    /// <summary>Uses wrk instead of this tool's own client.</summary>
    public required bool IsWrk { get; init; }

    public required StageOptions Stage { get; init; }

    /// <summary>The path of Grid.Silo.dll; null: the one built in this repository.</summary>
    public string? Silo { get; init; }

    /// <summary>The path of the baselines' dll; null: the one built in this repository.</summary>
    public string? Baselines { get; init; }

    /// <summary>Receives the databases and logs of the run, in a folder that is created and removed.</summary>
    public required string Scratch { get; init; }

    public required double MaxErrorRate { get; init; }

    public string? JsonFile { get; init; }

    public string? MarkdownFile { get; init; }

    public bool Quiet { get; init; }

    public int ConnectionsOf(string scenario) =>
        Connections
        ?? scenario switch
        {
            "scan" => 256,
            "scan-batch" => 16,
            _ => 64,
        };

    public static CompareOptions Parse(IEnumerable<string> arguments)
    {
        var given = new Arguments(arguments);
        var connections = given.Number("connections", 0, 1, LoadPlan.ConnectionsMax);
        var options = new CompareOptions
        {
            Scenarios = Names(given, "scenario", string.Join(',', ScenarioNames), ScenarioNames),
            Contenders = Names(given, "contenders", string.Join(',', Contender.All.Keys), [.. Contender.All.Keys]),
            Silo = given.Text("silo"),
            Rounds = given.Number("rounds", 3, 1, MaxRounds),
            Duration = given.Duration(
                "duration",
                TimeSpan.FromSeconds(4),
                TimeSpan.FromSeconds(1),
                TimeSpan.FromMinutes(10)
            ),
            Warmup = given.Duration("warmup", TimeSpan.FromSeconds(6), TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            Settle = given.Duration("settle", TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            Connections = connections == 0 ? null : connections,
            Threads = given.Number("threads", 1, 1, LoadPlan.MaxThreads),
            IsWrk = given.OneOf("client", "grid", "grid", "wrk") == "wrk",
            Stage = StageOptions.Parse(given),
            Baselines = given.Text("baselines"),
            Scratch = given.Text("scratch", Path.GetTempPath()),
            MaxErrorRate = given.Fraction("max-error-rate", 0.001, 0, 1),
            JsonFile = given.Text("json"),
            MarkdownFile = given.Text("markdown"),
            Quiet = given.Flag("quiet"),
        };
        given.Finish();
        if (!options.Contenders.Contains(Contender.Ceiling))
            options = options with { Contenders = [Contender.Ceiling, .. options.Contenders] };
        if (options.IsWrk && options.Scenarios.Any(s => s is not ("display" or "scan")))
            throw new LoadException("--client wrk supports only display and scan");
        return options;
    }

    private static string[] Names(Arguments given, string option, string otherwise, string[] allowed)
    {
        var names = given.Text(option, otherwise).Split(',').Distinct().ToArray();
        foreach (var name in names)
        {
            if (!allowed.Contains(name))
                throw new LoadException($"--{option} is a list of {string.Join(", ", allowed)}; not '{name}'");
        }
        return names;
    }
}
