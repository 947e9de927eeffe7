using Grid.Results;

namespace Grid.Sampling;

/// <summary>What a command makes of a tube.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Next">The tube to be written; null when nothing changes.</param>
public readonly record struct TubeChange(TubeStatus Status, TubeState? Next = null);

/// <summary>
/// How samplers' commands change a tube. Pure: a state and a command give the next state, so the rules are tested
/// without a grain. Whether a resident is registered is for the grain to ask.
/// </summary>
public static class TubeChanges
{
    /// <summary>Registers the tube.</summary>
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

    /// <summary>Puts a sample in.</summary>
    public static TubeChange Add(
        TubeState tube, SampleCollected sample, string by, DateTimeOffset now, SamplingOptions options)
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
        // The first sample judges the results that were held for the tube; the next ones are judged by them.
        if (tube.Count == 0)
            SetAside(next, collectedAt, now);
        else if (Array.Exists(tube.Results, each => !TubeRules.Fits(each.Report, collectedAt)))
            return new TubeChange(TubeStatus.CollectedAfterResult);
        next.Revision++;
        var member = new TubeMember(
            sample.Resident, collectedAt, command, next.Revision, 0, null, content, new TubeHand(by, now), null);
        next.Members = [.. tube.Members];
        // Somebody who was withdrawn and comes back takes the old place.
        if (at >= 0)
            next.Members[at] = member;
        else
            next.Members = [.. next.Members, member];
        return new TubeChange(TubeStatus.Done, next);
    }

    /// <summary>Takes a sample out.</summary>
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
        if (tube.Members.Length - tube.Count >= TubeState.WithdrawnMax)
            return new TubeChange(TubeStatus.Full);
        var next = tube.Copy();
        next.Revision++;
        next.Members = [.. tube.Members];
        next.Members[at] = next.Members[at] with
        {
            WithdrawnBecause = reason, WithdrawnBy = new TubeHand(by, now), Due = next.Revision,
        };
        return new TubeChange(TubeStatus.Done, next);
    }

    /// <summary>Closes the tube.</summary>
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
    /// Sets aside the held results that were tested before the tube's samples were taken: they are about something else,
    /// and an operator sees them.
    /// </summary>
    internal static void SetAside(TubeState next, DateTimeOffset collectedAt, DateTimeOffset now)
    {
        var impossible = Array.FindAll(next.Results, each => !TubeRules.Fits(each.Report, collectedAt));
        if (impossible.Length == 0)
            return;
        next.Results = [.. next.Results.Except(impossible)];
        next.Conflicts =
        [
            .. next.Conflicts.Concat(impossible.Select(each => new TubeConflict(
                ResultChanges.ConflictIdOf(each.Report), ConflictKind.Time, null, each, now,
                BeforeTube: true, Decision: null))),
        ];
    }

    internal static void Close(TubeState next, string by, DateTimeOffset now)
    {
        if (next.Sealed)
            return;
        next.Sealed = true;
        next.SealedBy = new TubeHand(by, now);
    }

    private static TubeStatus? RefusalOf(TubeState tube, string by) => tube.Opening switch
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
