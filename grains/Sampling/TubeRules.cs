using Grid.Results;

namespace Grid.Sampling;

/// <summary>What a tube's results amount to, whatever the order in which they came.</summary>
/// <param name="Counting">The valid result of the highest sequence; null without one.</param>
/// <param name="ForMember">What it says of one member: a positive pool is inconclusive until the single retest.</param>
/// <param name="Cause">What the results ask of a member's colour.</param>
/// <param name="Reason">The result behind the cause; null without one.</param>
/// <param name="Corrected">Whether a correction is in force.</param>
public readonly record struct TubeVerdict(
    ReceivedResult? Counting, TestResult? ForMember, StandingCause Cause, ReceivedResult? Reason, bool Corrected);

/// <summary>What results mean for a tube and its members. Pure.</summary>
public static class TubeRules
{
    /// <summary>How far the clocks of a site and a laboratory may be apart.</summary>
    public static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(10);

    /// <summary>Capacities that a tube can have.</summary>
    public static bool IsCapacity(int capacity) => capacity is 1 or 5 or 10 or 20;

    /// <summary>
    /// The verdict of a tube. While a conflict is open that came before the tube was registered, nobody has seen either
    /// result: a negative one then waits for the operator as well.
    /// </summary>
    public static TubeVerdict Verdict(TubeState tube)
    {
        var verdict = Verdict(tube.Results, tube.Opening?.Capacity ?? 0);
        return verdict.Counting?.Report.Result == TestResult.Negative && Array.Exists(tube.Conflicts, IsUnseen)
            ? verdict with { Counting = null, ForMember = null }
            : verdict;
    }

    /// <summary>
    /// A correction undoes exactly the result that it names, and a corrected correction undoes nothing. Of the results
    /// left, the highest sequence counts. A pool is held while its last decisive result is positive; a single sample
    /// is positive as long as any valid result says so: only a correction takes that back.
    /// </summary>
    /// <param name="results">By rising sequence.</param>
    /// <param name="capacity">1 for a single sample.</param>
    public static TubeVerdict Verdict(ReadOnlySpan<ReceivedResult> results, int capacity)
    {
        Span<bool> undone = stackalloc bool[results.Length];
        ReceivedResult? counting = null, decisive = null, positive = null;
        var corrected = false;
        for (var i = results.Length - 1; i >= 0; i--)
        {
            if (undone[i])
                continue;
            var received = results[i];
            counting ??= received;
            if (received.Report.Result is TestResult.Negative or TestResult.Positive)
                decisive ??= received;
            if (received.Report.Result == TestResult.Positive)
                positive = received;
            if (received.Report.CorrectionOf is { } sequence)
            {
                corrected = true;
                Undo(results[..i], undone, sequence);
            }
        }
        var found = counting?.Report.Result;
        if (capacity == 1)
        {
            var cause = positive is null ? StandingCause.None : StandingCause.Positive;
            return new TubeVerdict(counting, found, cause, positive, corrected);
        }

        var hold = decisive?.Report.Result == TestResult.Positive ? decisive : null;
        return new TubeVerdict(
            counting,
            found == TestResult.Positive ? TestResult.Inconclusive : found,
            hold is null ? StandingCause.None : StandingCause.Hold,
            hold,
            corrected);
    }

    /// <summary>Whether a result can be one of a sample: not tested before it was taken, as far as clocks tell.</summary>
    public static bool Fits(ResultReport report, DateTimeOffset collectedAt) =>
        collectedAt - report.TestedAt <= ClockSkewMax;

    /// <summary>The standing of a member under a verdict.</summary>
    public static TubeStanding Standing(string tubeId, TubeMember member, in TubeVerdict verdict, int capacity) => new(
        tubeId,
        member.Due,
        member.CollectedAt,
        member.Withdrawn,
        verdict.ForMember,
        verdict.Counting?.TestedAt ?? default,
        verdict.Counting?.Report.Sequence ?? 0,
        verdict.Cause,
        verdict.Reason?.TestedAt ?? default,
        capacity == 1,
        verdict.Reason?.Report.LabId);

    private static bool IsUnseen(TubeConflict conflict) =>
        conflict is { IsOpen: true, BeforeTube: true, Kind: ConflictKind.Key or ConflictKind.Laboratory };

    private static void Undo(ReadOnlySpan<ReceivedResult> lower, Span<bool> undone, int sequence)
    {
        for (var i = 0; i < lower.Length; i++)
        {
            if (lower[i].Report.Sequence == sequence)
                undone[i] = true;
        }
    }
}
