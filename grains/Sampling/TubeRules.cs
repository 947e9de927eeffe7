using Grid.Results;

namespace Grid.Sampling;

/// <summary>Computes what results mean for a tube and its members. Pure.</summary>
public static class TubeRules
{
    /// <summary>Maximum difference between the clocks of a site and a laboratory.</summary>
    public static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(10);

    public static bool IsCapacity(int capacity) => capacity is 1 or 5 or 10 or 20;

    /// <summary>
    /// The verdict of a tube. If a conflict arose before the tube was registered, neither result has been visible: then
    /// a negative result waits for the operator too.
    /// </summary>
    public static TubeVerdict Verdict(TubeState tube)
    {
        var verdict = Verdict(tube.Results, tube.Opening?.Capacity ?? 0);
        return verdict.Counting?.Report.Result == TestResult.Negative && Array.Exists(tube.Conflicts, IsUnseen)
            ? verdict with
            {
                Counting = null,
                ForMember = null,
            }
            : verdict;
    }

    /// <summary>
    /// The verdict of some results. A correction undoes exactly the result that it names, and an undone correction
    /// undoes nothing. The highest remaining sequence counts. A pool is held while its last conclusive result is
    /// positive. A single sample is positive while any remaining result is: only a correction takes that back.
    /// </summary>
    /// <param name="results">In order of their sequence.</param>
    /// <param name="capacity">1 for a single sample.</param>
    public static TubeVerdict Verdict(ReadOnlySpan<ReceivedResult> results, int capacity)
    {
        Span<bool> undone = stackalloc bool[results.Length];
        ReceivedResult? counting = null,
            conclusive = null,
            positive = null;
        var corrected = false;
        for (var i = results.Length - 1; i >= 0; i--)
        {
            if (undone[i])
                continue;
            var received = results[i];
            counting ??= received;
            if (received.Report.Result is TestResult.Negative or TestResult.Positive)
                conclusive ??= received;
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

        var hold = conclusive?.Report.Result == TestResult.Positive ? conclusive : null;
        return new TubeVerdict(
            counting,
            found == TestResult.Positive ? TestResult.Inconclusive : found,
            hold is null ? StandingCause.None : StandingCause.Hold,
            hold,
            corrected
        );
    }

    /// <summary>
    /// Whether a result can belong to a sample: the test is not older, within <see cref="MaxClockSkew"/>.
    /// </summary>
    public static bool Fits(ResultReport report, DateTimeOffset collectedAt) =>
        collectedAt - report.TestedAt <= MaxClockSkew;

    public static TubeStanding Standing(string tubeId, TubeMember member, in TubeVerdict verdict, int capacity) =>
        new(
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
            verdict.Reason?.Report.LabId
        );

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
