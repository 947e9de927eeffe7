using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Anonymous;

internal sealed record CrowdOptions
{
    private const int MaxRounds = 20;
    private const int MaxCrowds = 10;
    private const int MaxSources = 250;

    /// <summary>A running gateway; null: starts one on a demo city.</summary>
    public string? Url { get; init; }

    /// <summary>The address of the gateway; set together with <see cref="Url"/>.</summary>
    public System.Net.IPEndPoint? Server { get; init; }

    /// <summary>The gateway's process id, for its CPU time; 0 when unknown.</summary>
    public int ServerPid { get; init; }

    /// <summary>Numbers of anonymous connections, one measurement each.</summary>
    public required IReadOnlyList<int> Crowds { get; init; }

    /// <summary>Requests a second of each anonymous connection, if answers arrive in time.</summary>
    public required int RateEach { get; init; }

    /// <summary>Number of source addresses, all of this machine.</summary>
    public required int Sources { get; init; }

    /// <summary>Adds a measurement with one connection that fetches the description in a loop.</summary>
    public required bool HasDescription { get; init; }

    /// <summary>Number of connections for displays.</summary>
    public required int Connections { get; init; }

    public required int Rounds { get; init; }

    public required TimeSpan Duration { get; init; }

    public required TimeSpan Settle { get; init; }

    public required TimeSpan Warmup { get; init; }

    public required StageOptions Stage { get; init; }

    public required string Scratch { get; init; }

    public string? MarkdownFile { get; init; }

    public bool Quiet { get; init; }

    public static CrowdOptions Parse(IEnumerable<string> arguments)
    {
        var given = new Arguments(arguments);
        var url = given.Text("url");
        var isOwned = given.Flag(Target.OwnedFlag);
        var options = new CrowdOptions
        {
            Url = url,
            Server = url is null ? null : Target.Resolve(url, isOwned),
            ServerPid = given.Number("server-pid", 0, 1, int.MaxValue),
            Crowds = CrowdsOf(given.Text("anonymous", "0,260,800")),
            RateEach = given.Number("anonymous-rate", 5, 1, 1_000),
            Sources = given.Number("sources", 1, 1, MaxSources),
            HasDescription = !given.Flag("no-description"),
            Connections = given.Number("connections", 64, 1, LoadPlan.ConnectionsMax),
            Rounds = given.Number("rounds", 3, 1, MaxRounds),
            Duration = given.Duration(
                "duration",
                TimeSpan.FromSeconds(10),
                TimeSpan.FromSeconds(1),
                TimeSpan.FromMinutes(10)
            ),
            Settle = given.Duration("settle", TimeSpan.FromSeconds(2), TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            Warmup = given.Duration("warmup", TimeSpan.FromSeconds(6), TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            Stage = StageOptions.Parse(given),
            Scratch = given.Text("scratch", Path.GetTempPath()),
            MarkdownFile = given.Text("markdown"),
            Quiet = given.Flag("quiet"),
        };
        given.Finish();
        return url is null || options.Stage.DataFolder is not null
            ? options
            : throw new LoadException(
                "--url needs --data FOLDER: the residents of that gateway, and the keys that mint their tokens"
            );
    }

    private static int[] CrowdsOf(string text)
    {
        var crowds = new List<int>();
        foreach (var part in text.Split(','))
        {
            crowds.Add(
                int.TryParse(part, out var count) && count is >= 0 and <= LoadPlan.ConnectionsMax
                    ? count
                    : throw new LoadException($"--anonymous is numbers of connections such as 0,260,800; not '{text}'")
            );
        }
        return crowds.Count <= MaxCrowds
            ? [.. crowds.Distinct()]
            : throw new LoadException($"--anonymous has at most {MaxCrowds} numbers");
    }
}
