using Grid.Results;

namespace Grid.Sampling;

/// <summary>What a tube's results amount to, whatever the order in which they came.</summary>
/// <param name="Counting">The valid result of the highest sequence; null without one.</param>
/// <param name="ForMember">What it says of one member: a positive pool is inconclusive until the single retest.</param>
/// <param name="Cause">What the results ask of a member's colour.</param>
/// <param name="CauseSince">When the result behind the cause was tested.</param>
/// <param name="Corrected">Whether a correction is in force.</param>
public readonly record struct TubeVerdict(
    ResultReport? Counting, TestResult? ForMember, StandingCause Cause, DateTimeOffset CauseSince, bool Corrected);

/// <summary>What results mean for a tube and its members. Pure.</summary>
public static class TubeRules
{
    /// <summary>How far the clocks of a site and a laboratory may be apart.</summary>
    public static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(10);

    /// <summary>Capacities that a tube can have.</summary>
    public static bool IsCapacity(int capacity) => capacity is 1 or 5 or 10 or 20;

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
        ResultReport? counting = null, decisive = null, positive = null;
        var corrected = false;
        for (var i = results.Length - 1; i >= 0; i--)
        {
            if (undone[i])
                continue;
            var report = results[i].Report;
            counting ??= report;
            if (report.Result is TestResult.Negative or TestResult.Positive)
                decisive ??= report;
            if (report.Result == TestResult.Positive)
                positive = report;
            if (report.CorrectionOf is { } sequence)
            {
                corrected = true;
                Undo(results[..i], undone, sequence);
            }
        }
        if (capacity == 1)
            return Verdict(counting, counting?.Result, positive, StandingCause.Positive, corrected);
        var forMember = counting?.Result == TestResult.Positive ? TestResult.Inconclusive : counting?.Result;
        var hold = decisive?.Result == TestResult.Positive ? decisive : null;
        return Verdict(counting, forMember, hold, StandingCause.Hold, corrected);
    }

    /// <summary>
    /// Until when a sample of a tube with a result can have been taken. A tube that is registered after its result was
    /// filled before it: only the clocks of the site and the laboratory can say otherwise, by <see cref="ClockSkewMax"/>.
    /// </summary>
    public static DateTimeOffset LastCollection(ReadOnlySpan<ReceivedResult> results, ResultReport counting)
    {
        foreach (var received in results)
        {
            if (received.Held && received.Report.Sequence == counting.Sequence)
                return counting.TestedAt + ClockSkewMax;
        }
        return counting.TestedAt;
    }

    /// <summary>The standing of a member under a verdict.</summary>
    public static TubeStanding Standing(string tubeId, TubeMember member, in TubeVerdict verdict) => new(
        tubeId,
        member.Due,
        member.CollectedAt,
        member.Withdrawn,
        verdict.ForMember,
        verdict.Counting?.TestedAt ?? default,
        verdict.Counting?.Sequence ?? 0,
        verdict.Cause,
        verdict.CauseSince);

    private static TubeVerdict Verdict(
        ResultReport? counting, TestResult? forMember, ResultReport? cause, StandingCause kind, bool corrected) =>
        new(counting, forMember, cause is null ? StandingCause.None : kind, cause?.TestedAt ?? default, corrected);

    private static void Undo(ReadOnlySpan<ReceivedResult> lower, Span<bool> undone, int sequence)
    {
        for (var i = 0; i < lower.Length; i++)
        {
            if (lower[i].Report.Sequence == sequence)
                undone[i] = true;
        }
    }
}
