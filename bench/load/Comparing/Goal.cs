using System.Globalization;

namespace Grid.Bench.Load.Comparing;

/// <summary>The goal of a path.</summary>
/// <param name="Path">Its name in the table.</param>
/// <param name="Scenario">The scenario that measures it.</param>
/// <param name="Contender">The contender whose rate counts.</param>
/// <param name="Of">The contender to divide by, round by round; null: facts a second count.</param>
/// <param name="Least">The least ratio, or the fewest facts a second.</param>
internal sealed record Goal(string Path, string Scenario, string Contender, string? Of, double Least)
{
    /// <summary>All goals, in the order of the table.</summary>
    public static readonly IReadOnlyList<Goal> All =
    [
        new("display, one process", "display", Comparing.Contender.Grid, Comparing.Contender.Ceiling, 0.65),
        new("display, one process", "display", Comparing.Contender.Grid, Comparing.Contender.Redis, 1.3),
        new("display, one process", "display", Comparing.Contender.Grid, Comparing.Contender.Postgres, 3),
        new("display, gateway → silo", "display", Comparing.Contender.GridCluster, Comparing.Contender.Ceiling, 0.45),
        new(
            "display, gateway → silo",
            "display",
            Comparing.Contender.GridCluster,
            Comparing.Contender.OrleansCluster,
            0.9
        ),
        new("scan, one process, SQLite", "scan", Comparing.Contender.Grid, Comparing.Contender.Ceiling, 0.50),
        new(
            "scan, gateway → silo → PostgreSQL",
            "scan",
            Comparing.Contender.GridCluster,
            Comparing.Contender.Ceiling,
            0.30
        ),
        new(
            "scan, gateway → silo → PostgreSQL",
            "scan",
            Comparing.Contender.GridCluster,
            Comparing.Contender.Postgres,
            2
        ),
        new("scans in batches of 100", "scan-batch", Comparing.Contender.Grid, null, 150_000),
        new("results, tubes of 20", "results", Comparing.Contender.Grid, null, 50_000),
    ];

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>The median over the rounds; null when the run did not measure it.</summary>
    public double? Reached(IEnumerable<ScenarioReport> scenarios)
    {
        var rounds = scenarios.FirstOrDefault(report => report.Scenario == Scenario)?.Rounds ?? [];
        var own = rounds.Where(round => round.Contender == Contender).ToArray();
        var figures = Of is null
            ? own.Select(round => round.Load.UnitsPerSecond)
            : own.SelectMany(mine =>
                rounds
                    .Where(round => round.Round == mine.Round && round.Contender == Of)
                    .Select(theirs => mine.Load.AchievedPerSecond / theirs.Load.AchievedPerSecond)
            );
        return figures.ToArray() is { Length: > 0 } known ? CompareReport.Median(known) : null;
    }

    /// <summary>The goals that a run measured, as a Markdown table.</summary>
    public static string Table(IReadOnlyList<ScenarioReport> scenarios)
    {
        var rows = All.Select(goal => (Goal: goal, Reached: goal.Reached(scenarios)))
            .Where(row => row.Reached is not null)
            .Select(row => row.Goal.Row(row.Reached!.Value))
            .ToArray();
        const string Head = "| path | measured as | must reach | reached | |\n|---|---|---:|---:|---|\n";
        return rows.Length == 0 ? "" : Head + string.Concat(rows);
    }

    private string Row(double reached) =>
        $"| {Path} | {Measure} | ≥ {Text(Least)} | {Text(reached)} | {(reached >= Least ? "met" : "short")} |\n";

    private string Measure => Of is null ? "durable facts a second" : $"of {Of}";

    private string Text(double figure) => figure.ToString(Of is null ? "N0" : "0.00", Culture);
}
