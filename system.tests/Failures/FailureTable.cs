using System.Globalization;
using System.Text;

namespace Grid.Tests.Failures;

/// <summary>The runs of one failure with one set of settings.</summary>
/// <param name="Variant">The name of the settings.</param>
/// <param name="NotRun">Why there are no runs; null when there are.</param>
internal sealed record FailureRuns(
    Failure Failure,
    string Variant,
    IReadOnlyList<RunFigures> Runs,
    string? NotRun = null
);

/// <summary>
/// The figures of a campaign as a Markdown page: each failure beside its target, median and worst of its runs.
/// </summary>
internal static class FailureTable
{
    private const string Head =
        "| failure | settings | runs | residents answer again | target | longest call "
        + "| displays refused, longest time | commands refused, longest time | old | lost "
        + "| through a client: again, longest call | |\n"
        + "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n";

    internal static string Of(string command, IEnumerable<FailureRuns> all)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"Median / worst of the runs, {FailureRun.Residents} residents, "
                + $"each watched through every entrance 20 times a second. "
        );
        text.Append("Times are the longest between two answers of one resident, worst over the residents. ");
        text.Append(
            CultureInfo.InvariantCulture,
            $"No call may take longer than {Seconds(Target.Call)} s through a member gateway. Command: `{command}`\n\n"
        );
        text.Append(Head);
        foreach (var runs in all)
            text.Append(Line(runs));
        return text.ToString();
    }

    internal static string Line(FailureRuns runs)
    {
        var figures = runs.Runs;
        if (figures.Count == 0)
            return $"| {runs.Failure.Title} | {runs.Variant} | 0 | | {TargetOf(runs.Failure.Target)} | | | | | | "
                + $"| not run: {runs.NotRun} |\n";
        string[] cells =
        [
            runs.Failure.Title,
            runs.Variant,
            Text(figures.Count),
            Both(figures, static run => run.Again),
            TargetOf(runs.Failure.Target),
            Both(figures, static run => run.Member.LongestCall),
            Refused(figures, static run => run.Member.DisplaysRefused, static run => run.Member.DisplaysRefusedFor),
            Refused(figures, static run => run.Member.CommandsRefused, static run => run.Member.CommandsRefusedFor),
            Old(figures),
            Text(figures.Sum(static run => run.Lost)),
            $"{Both(figures, static run => run.AgainAtClient)}, {Both(figures, static run => run.Client.LongestCall)}",
            Verdict(runs),
        ];
        return $"| {string.Join(" | ", cells)} |\n";
    }

    /// <summary>The target values and safety conditions that the runs missed.</summary>
    internal static IReadOnlyList<string> Missed(Failure failure, RunFigures run)
    {
        var missed = new List<string>();
        var (target, member) = (failure.Target, run.Member);
        Note(target.Again < run.Again, "again");
        Note(Target.Call < member.LongestCall, "call");
        Note(
            target.RefusedFor is { } most && (member.DisplaysRefusedFor > most || member.CommandsRefusedFor > most),
            "refused for"
        );
        Note(target.DisplaysGoOn && member.DisplaysRefused > 0, "displays refused");
        Note(target.Share is { } share && !(run.Notes.GetValueOrDefault(SiloShare.Note) <= share), "share");
        Note(run.Old > 0, "OLD");
        Note(run.Lost > 0, "LOST");
        Note(run.Wrong > 0, "wrong answers");
        Note(run.Ended > 0, "a process ended");
        Note(!run.Recovered, "NOT RECOVERED");
        return missed;

        void Note(bool isMissed, string what)
        {
            if (isMissed)
                missed.Add(what);
        }
    }

    private static string Verdict(FailureRuns runs)
    {
        var missed = runs
            .Runs.SelectMany(run => Missed(runs.Failure, run))
            .CountBy(static what => what)
            .Select(static each => $"{each.Key} ×{each.Value}")
            .ToArray();
        var notes = runs
            .Runs.SelectMany(static run => run.Notes)
            .GroupBy(static note => note.Key)
            .Select(static note =>
                $"{note.Key} {Both([.. note.Select(static each => each.Value ?? TimeSpan.MaxValue)])}"
            );
        return string.Join("; ", notes.Prepend(missed.Length == 0 ? "met" : $"missed: {string.Join(", ", missed)}"));
    }

    private static string TargetOf(Target target)
    {
        var parts = new List<string>();
        if (target.Again is { } again)
            parts.Add($"≤ {Seconds(again)} s");
        if (target.RefusedFor is { } refused)
            parts.Add($"refused ≤ {Seconds(refused)} s");
        if (target.Share is { } share)
            parts.Add($"share ≤ {Seconds(share)} s");
        if (target.DisplaysGoOn)
            parts.Add("displays go on");
        return parts.Count == 0 ? "nothing old, nothing lost" : string.Join(", ", parts);
    }

    private static string Old(IReadOnlyList<RunFigures> runs)
    {
        var door = runs.Sum(static run => run.OldAtDoor);
        return Text(runs.Sum(static run => run.Old))
            + (door == 0 ? "" : $", {Text(door)} of them at the silo's own door");
    }

    private static string Refused(
        IReadOnlyList<RunFigures> runs,
        Func<RunFigures, long> count,
        Func<RunFigures, TimeSpan> time
    )
    {
        var counts = runs.Select(count).Order().ToArray();
        return counts[^1] == 0
            ? "0"
            : $"{Text(counts[counts.Length / 2])} / {Text(counts[^1])}, {Seconds(runs.Max(time))} s";
    }

    private static string Both(IReadOnlyList<RunFigures> runs, Func<RunFigures, TimeSpan> figure) =>
        Both([.. runs.Select(figure)]);

    private static string Both(TimeSpan[] times)
    {
        Array.Sort(times);
        return $"{Time(times[times.Length / 2])} / {Time(times[^1])}";
    }

    private static string Time(TimeSpan time) => time == TimeSpan.MaxValue ? "never" : $"{Seconds(time)} s";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
