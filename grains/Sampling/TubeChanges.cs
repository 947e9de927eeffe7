using Grid.Results;

namespace Grid.Sampling;

/// <summary>The effect of a command.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Next">The state to write; null when nothing changes.</param>
public readonly record struct TubeChange(TubeStatus Status, TubeState? Next = null);

/// <summary>
/// Computes how sites' commands change a tube. Pure: a state and a command give the next state, so tests need no grain.
/// The grain checks whether a resident is registered.
/// </summary>
public static class TubeChanges
{
    public static TubeChange Open(TubeState tube, TubeOpening opening, string by, DateTimeOffset now)
    {
        if (Subject.OrganisationOf(by) != opening.SiteId)
            return new TubeChange(TubeStatus.OtherSite);
        if (tube.Opening is { } present)
            return new TubeChange(present == opening ? TubeStatus.Replayed : TubeStatus.Conflict);
        var next = tube.Copy();
        next.Opening = opening;
        next.OpenedBy = new TubeHand(by, now);
        return new TubeChange(TubeStatus.Done, next);
    }

    public static TubeChange Add(
        TubeState tube,
        SampleCollected sample,
        string by,
        DateTimeOffset now,
        SamplingOptions options
    )
    {
        if (RefusalOf(tube, by) is { } refused)
            return new TubeChange(refused);
        var command = CommandOf(sample);
        var content = ContentOf(sample);
        var at = Array.FindIndex(tube.Members, each => each.Resident == sample.Resident);
        if (command != 0 && Array.Find(tube.Members, each => each.Command == command) is { } before)
            return new TubeChange(before.Content == content ? TubeStatus.Replayed : TubeStatus.KeyConflict);
        if (at >= 0 && !tube.Members[at].Withdrawn)
            return new TubeChange(TubeStatus.AlreadyInTube);
        if (tube.Sealed)
            return new TubeChange(TubeStatus.Sealed);
        if (tube.Count >= tube.Opening!.Capacity)
            return new TubeChange(TubeStatus.Full);
        if (now - sample.CollectedAt > options.MaxAge)
            return new TubeChange(TubeStatus.TooOld);

        var next = tube.Copy();
        var collectedAt = Moment.Earlier(sample.CollectedAt, now);
        // The first sample decides which held results can be the tube's; later samples must fit these results.
        if (tube.Count == 0)
            SetAside(next, collectedAt, now);
        else if (Array.Exists(tube.Results, each => !TubeRules.Fits(each.Report, collectedAt)))
            return new TubeChange(TubeStatus.CollectedAfterResult);
        next.Revision++;
        var member = new TubeMember(
            sample.Resident,
            collectedAt,
            command,
            next.Revision,
            0,
            null,
            content,
            new TubeHand(by, now),
            null
        );
        next.Members = [.. tube.Members];
        // A resident whose sample was withdrawn keeps the old place.
        if (at >= 0)
            next.Members[at] = member;
        else
            next.Members = [.. next.Members, member];
        return new TubeChange(TubeStatus.Done, next);
    }

    public static TubeChange Withdraw(TubeState tube, Guid resident, string reason, string by, DateTimeOffset now)
    {
        if (RefusalOf(tube, by) is { } refused)
            return new TubeChange(refused);
        var at = Array.FindIndex(tube.Members, member => member.Resident == resident);
        if (at < 0)
            return new TubeChange(TubeStatus.NotInTube);
        if (tube.Members[at].Withdrawn)
            return new TubeChange(TubeStatus.Replayed);
        if (tube.Sealed)
            return new TubeChange(TubeStatus.Sealed);
        if (tube.Members.Length - tube.Count >= TubeState.MaxWithdrawn)
            return new TubeChange(TubeStatus.Full);
        var next = tube.Copy();
        next.Revision++;
        next.Members = [.. tube.Members];
        next.Members[at] = next.Members[at] with
        {
            WithdrawnBecause = reason,
            WithdrawnBy = new TubeHand(by, now),
            Due = next.Revision,
        };
        return new TubeChange(TubeStatus.Done, next);
    }

    public static TubeChange Seal(TubeState tube, string by, DateTimeOffset now)
    {
        if (RefusalOf(tube, by) is { } refused)
            return new TubeChange(refused);
        if (tube.Sealed)
            return new TubeChange(TubeStatus.Replayed);
        var next = tube.Copy();
        Close(next, by, now);
        return new TubeChange(TubeStatus.Done, next);
    }

    /// <summary>
    /// Moves held results that are older than the tube's samples to the conflicts: they are about another tube, or the
    /// clocks are wrong, so an operator decides.
    /// </summary>
    internal static void SetAside(TubeState next, DateTimeOffset collectedAt, DateTimeOffset now)
    {
        var impossible = Array.FindAll(next.Results, each => !TubeRules.Fits(each.Report, collectedAt));
        if (impossible.Length == 0)
            return;
        next.Results = [.. next.Results.Except(impossible)];
        next.Conflicts =
        [
            .. next.Conflicts.Concat(
                impossible.Select(each => new TubeConflict(
                    ResultChanges.ConflictIdOf(each.Report),
                    ConflictKind.Time,
                    null,
                    each,
                    now,
                    BeforeTube: true,
                    Decision: null
                ))
            ),
        ];
    }

    internal static void Close(TubeState next, string by, DateTimeOffset now)
    {
        if (next.Sealed)
            return;
        next.Sealed = true;
        next.SealedBy = new TubeHand(by, now);
    }

    private static TubeStatus? RefusalOf(TubeState tube, string by) =>
        tube.Opening switch
        {
            null => TubeStatus.Unknown,
            var opening when opening.SiteId != Subject.OrganisationOf(by) => TubeStatus.OtherSite,
            _ => null,
        };

    private static ulong CommandOf(SampleCollected sample) =>
        sample.IdempotencyKey is { } key ? StableId.ShortOf(key) : 0;

    private static ulong ContentOf(SampleCollected sample) =>
        StableId.ShortOf($"{sample.Resident:N}|{sample.CollectedAt.UtcTicks}");
}
