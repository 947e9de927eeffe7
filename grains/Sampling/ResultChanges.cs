using Grid.Results;

namespace Grid.Sampling;

/// <summary>The effect of a report.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="ReceiptId">The receipt; that of the first report for a repeat or a conflict of one key.</param>
/// <param name="Next">The state to write; null when nothing changes.</param>
public readonly record struct ResultChange(ResultStatus Status, Guid ReceiptId, TubeState? Next = null);

/// <summary>Computes how laboratories' reports and operators' decisions change a tube. Pure.</summary>
public static class ResultChanges
{
    /// <summary>The id of the conflict that a report would open.</summary>
    public static Guid ConflictIdOf(ResultReport report) =>
        StableId.Of(
            $"conflict|{report.TubeId}|{report.Sequence}|{report.LabId}|{report.Method}|{report.Result}"
                + $"|{report.TestedAt.UtcTicks}|{report.CorrectionOf}"
        );

    /// <summary>Accepts a report, keeps it for an operator, or refuses it.</summary>
    public static ResultChange Take(
        TubeState tube,
        ResultReport report,
        string by,
        DateTimeOffset now,
        SamplingOptions options
    )
    {
        var receiptId = StableId.Of($"result|{report.TubeId}|{report.Sequence}");
        var first = Array.Find(tube.Results, each => each.Report.Sequence == report.Sequence);
        if (first?.Report == report)
            return new ResultChange(ResultStatus.Replayed, receiptId);
        if (Array.Find(tube.Conflicts, each => each.Second.Report == report) is { } known)
        {
            var status = known.Kind == ConflictKind.Time ? ResultStatus.TestedBeforeCollected : ResultStatus.Conflict;
            return new ResultChange(status, receiptId);
        }
        if (Array.Exists(tube.Superseded, each => each.Report == report))
            return new ResultChange(ResultStatus.Conflict, receiptId);
        if (report.CorrectionOf >= report.Sequence)
            return new ResultChange(ResultStatus.CorrectionInvalid, receiptId);
        if (RefusalOf(tube, report, now, options) is { } refused)
            return new ResultChange(refused, receiptId);

        var received = new ReceivedResult(report, receiptId, now, Held: tube.Opening is null, by);
        if (tube.Laboratory is { } laboratory && laboratory != report.LabId)
            return Dispute(tube, ConflictKind.Laboratory, first ?? tube.Results[^1], received);
        if (first is not null)
            return Dispute(tube, ConflictKind.Key, first, received);
        if (tube.Opening is null && tube.Results.Length >= TubeState.MaxHeld)
            return new ResultChange(ResultStatus.HeldTooMany, receiptId);
        if (tube.Results.Length >= TubeState.MaxResults)
            return new ResultChange(ResultStatus.TooMany, receiptId);

        var next = tube.Copy();
        next.Results = InOrder(tube.Results.Append(received));
        // A result seals the tube: it says nothing about a sample added later.
        if (tube.Opening is not null)
            TubeChanges.Close(next, by, now);
        Raise(tube, next);
        return new ResultChange(ResultStatus.Accepted, receiptId, next);
    }

    public static (ConflictStatus Status, TubeState? Next) Resolve(
        TubeState tube,
        Guid conflictId,
        ConflictDecision decision
    )
    {
        var conflict = Array.Find(tube.Conflicts, each => each.ConflictId == conflictId);
        if (conflict is null)
            return (ConflictStatus.Unknown, null);
        if (conflict.Decision is { } before)
            return (before.Keep == decision.Keep ? ConflictStatus.Replayed : ConflictStatus.Decided, null);
        var next = tube.Copy();
        next.Conflicts = [.. tube.Conflicts];
        Decide(next, conflict, decision);
        if (decision.Keep == Keep.Second)
            TakeSecond(next, conflict, decision);
        Raise(tube, next);
        return (ConflictStatus.Done, next);
    }

    /// <summary>
    /// Refuses a test that is older than a sample of the tube. Without a sample, refuses a test that is too old.
    /// </summary>
    private static ResultStatus? RefusalOf(
        TubeState tube,
        ResultReport report,
        DateTimeOffset now,
        SamplingOptions options
    )
    {
        if (tube.Count == 0)
            return now - report.TestedAt > options.MaxAge ? ResultStatus.TooOld : null;
        return Array.TrueForAll(tube.Members, each => each.Withdrawn || TubeRules.Fits(report, each.CollectedAt))
            ? null
            : ResultStatus.TestedBeforeCollected;
    }

    private static ResultChange Dispute(TubeState tube, ConflictKind kind, ReceivedResult first, ReceivedResult second)
    {
        var kept = tube.Conflicts;
        var open = kept.Count(each => each.IsOpen && each.Second.Report.LabId == second.Report.LabId);
        if (open >= TubeState.MaxConflictsPerLaboratory)
            return new ResultChange(ResultStatus.TooMany, first.ReceiptId);
        if (kept.Length >= TubeState.MaxConflicts)
        {
            if (Array.Find(kept, each => !each.IsOpen) is not { } oldest)
                return new ResultChange(ResultStatus.TooMany, first.ReceiptId);
            kept = Array.FindAll(kept, each => each != oldest);
        }
        var next = tube.Copy();
        next.Conflicts =
        [
            .. kept,
            new TubeConflict(
                ConflictIdOf(second.Report),
                kind,
                first,
                second,
                second.ReceivedAt,
                BeforeTube: tube.Opening is null,
                Decision: null
            ),
        ];
        return new ResultChange(ResultStatus.Conflict, second.ReceiptId, next);
    }

    /// <summary>
    /// Replaces the first result by the second. When the second is of another laboratory, replaces every result of the
    /// tube's laboratory by those of the other one.
    /// </summary>
    private static void TakeSecond(TubeState next, TubeConflict conflict, ConflictDecision decision)
    {
        var taken = new List<ReceivedResult> { conflict.Second };
        var laboratory = conflict.Second.Report.LabId;
        var leaving = Array.FindAll(next.Results, each => each.Report.Sequence == conflict.Second.Report.Sequence);
        if (next.Laboratory != laboratory)
        {
            leaving = next.Results;
            foreach (var other in next.Conflicts)
            {
                if (
                    other is { IsOpen: true, Kind: ConflictKind.Laboratory }
                    && other.Second.Report.LabId == laboratory
                    && taken.TrueForAll(each => each.Report.Sequence != other.Second.Report.Sequence)
                )
                {
                    taken.Add(other.Second);
                    Decide(next, other, decision);
                }
            }
        }
        next.Superseded = [.. next.Superseded.Concat(leaving).TakeLast(TubeState.MaxResults)];
        next.Results = InOrder(next.Results.Except(leaving).Concat(taken));
    }

    private static void Decide(TubeState next, TubeConflict conflict, ConflictDecision decision) =>
        next.Conflicts = Array.ConvertAll(next.Conflicts, each =>
            each == conflict ? each with { Decision = decision } : each
        );

    /// <summary>Raises the revision and makes it due to every member, if the verdict changes.</summary>
    private static void Raise(TubeState before, TubeState next)
    {
        if (TubeRules.Verdict(next) == TubeRules.Verdict(before))
            return;
        next.Revision++;
        next.Members = Array.ConvertAll(next.Members, member =>
            member.Withdrawn ? member : member with { Due = next.Revision }
        );
    }

    private static ReceivedResult[] InOrder(IEnumerable<ReceivedResult> results) =>
        [.. results.OrderBy(each => each.Report.Sequence)];
}
