using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.CommandLine;

internal sealed record LoadOptions
{
    public static readonly string[] Scenarios = ["get", "display", "scan", "scan-batch", "results", "mixed"];

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public required string Scenario { get; init; }

    public required string Url { get; init; }

    public required LoadPlan Plan { get; init; }

    public required StageOptions Stage { get; init; }

    /// <summary>The path of scenario <c>get</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The exit code is 1 above this part of failed requests.</summary>
    public required double MaxErrorRate { get; init; }

    public string? CsvFile { get; init; }

    public string? JsonFile { get; init; }

    public bool Quiet { get; init; }

    public static LoadOptions Parse(IEnumerable<string> arguments)
    {
        var given = new Arguments(arguments);
        var url = given.Text("url", "http://127.0.0.1:8080");
        var scenario = given.OneOf("scenario", "display", Scenarios);
        var options = new LoadOptions
        {
            Scenario = scenario,
            Url = url,
            Plan = PlanOf(given, Target.Resolve(url, given.Flag(Target.OwnedFlag)), scenario),
            Stage = StageOptions.Parse(given),
            Path = given.Text("path", "/"),
            MaxErrorRate = given.Fraction("max-error-rate", 0.001, 0, 1),
            CsvFile = given.Text("csv"),
            JsonFile = given.Text("json"),
            Quiet = given.Flag("quiet"),
        };
        given.Finish();
        return options;
    }

    private static LoadPlan PlanOf(Arguments given, System.Net.IPEndPoint server, string scenario)
    {
        RateProfile? rate = null;
        if (given.Text("rate") is { } text)
        {
            if (!RateProfile.TryParse(text, out var profile))
                throw new LoadException(
                    $"--rate is requests a second, or points such as 0s:500,10s:5000; not '{text}'"
                );
            rate = profile;
        }
        var plan = new LoadPlan
        {
            Server = server,
            Connections = given.Number("connections", scenario == "scan" ? 256 : 64, 1, LoadPlan.ConnectionsMax),
            Threads = given.Number("threads", 1, 1, LoadPlan.MaxThreads),
            Duration = given.Duration("duration", TimeSpan.FromSeconds(10), 100 * Millisecond, Hour),
            Warmup = given.Duration("warmup", TimeSpan.FromSeconds(2), TimeSpan.Zero, Hour),
            Timeout = given.Duration("timeout", TimeSpan.FromSeconds(5), 10 * Millisecond, TimeSpan.FromMinutes(2)),
            Rate = rate,
            Poisson = given.OneOf("arrivals", "even", "even", "poisson") == "poisson",
            MaxBacklog = given.Number("backlog", 20_000, 0, 10_000_000),
            Seed = given.Number("seed", 1, 0, int.MaxValue),
            ServerPids = given.Text("server-pid") is { } pids ? Pids(pids) : [],
        };
        return plan.Threads <= plan.Connections
            ? plan
            : throw new LoadException("--threads can't exceed --connections");
    }

    private static int[] Pids(string text)
    {
        var pids = new List<int>();
        foreach (var part in text.Split(','))
            pids.Add(
                int.TryParse(part, out var pid) && pid > 0
                    ? pid
                    : throw new LoadException($"--server-pid is one or more process ids; not '{text}'")
            );
        return [.. pids];
    }
}
