using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Cold;

internal sealed record ColdOptions
{
    private const int MaxRounds = 20;

    public required int Rounds { get; init; }

    public required int Connections { get; init; }

    public required StageOptions Stage { get; init; }

    /// <summary>Receives the cities and logs of the run, in a folder that is created and removed.</summary>
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
