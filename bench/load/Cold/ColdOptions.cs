using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Cold;

/// <summary>The options of <c>cold</c>.</summary>
internal sealed record ColdOptions
{
    private const int MaxRounds = 20;

    public required int Rounds { get; init; }

    public required int Connections { get; init; }

    public required StageOptions Stage { get; init; }

    /// <summary>Where cities and logs of the run go; a folder of its own is made inside and removed.</summary>
    public required string Scratch { get; init; }

    public string? MarkdownFile { get; init; }

    public bool Quiet { get; init; }

    public static ColdOptions Parse(IEnumerable<string> arguments)
    {
        var given = new Arguments(arguments);
        var options = new ColdOptions
        {
            Rounds = given.Number("rounds", 3, 1, MaxRounds),
            Connections = given.Number("connections", 64, 1, LoadPlan.ConnectionsMax),
            Stage = StageOptions.Parse(given),
            Scratch = given.Text("scratch", Path.GetTempPath()),
            MarkdownFile = given.Text("markdown"),
            Quiet = given.Flag("quiet"),
        };
        given.Finish();
        return options;
    }
}
