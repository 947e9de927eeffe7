using Grid.Residents;
using Grid.Results;

namespace Grid.Sampling;

/// <inheritdoc cref="ITubeGrain"/>
/// <remarks>
/// A change is written with the members that it is due to; then it is brought to them, and each takes it once. A crash
/// between the two leaves the row marked (<see cref="IPendingWork"/>), and the next call or the next start goes on.
/// </remarks>
[GrainType("tube")]
public sealed class TubeGrain(
    [PersistentState("tube", "grid")] IPersistentState<TubeState> state,
    TimeProvider time,
    ResultMetrics metrics) : DurableGrain<TubeState>(state), ITubeGrain
{
    /// <inheritdoc/>
    public async Task<TubeAnswer> Open(TubeOpening opening)
    {
        if (State.Opening is { } present)
            return Answer(present == opening ? TubeStatus.Replayed : TubeStatus.Conflict);
        var next = State.Copy();
        next.Opening = opening;
        await Commit(next);
        metrics.Released(State.Results.Length);
        return Answer(TubeStatus.Done);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> AddSample(SampleCollected sample)
    {
        // A repeat may follow a crash between the tube's write and the resident's.
        await Deliver();
        var status = await Add(sample);
        await Deliver();
        return Answer(status);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> Withdraw(Guid resident, string reason)
    {
        await Deliver();
        if (State.Opening is null)
            return Answer(TubeStatus.Unknown);
        var at = Array.FindIndex(State.Members, member => member.Resident == resident && !member.Withdrawn);
        if (at < 0)
        {
            var before = Array.Exists(State.Members, member => member.Resident == resident);
            return Answer(before ? TubeStatus.Replayed : TubeStatus.NotInTube);
        }
        if (State.Sealed)
            return Answer(TubeStatus.Sealed);
        if (State.Members.Length - State.Count >= TubeState.WithdrawnMax)
            return Answer(TubeStatus.Full);
        var next = State.Copy();
        next.Revision++;
        next.Members = [.. State.Members];
        next.Members[at] = next.Members[at] with { WithdrawnBecause = reason, Due = next.Revision };
        await Commit(next);
        await Deliver();
        return Answer(TubeStatus.Done);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> Seal()
    {
        await Deliver();
        if (State.Opening is null)
            return Answer(TubeStatus.Unknown);
        if (State.Sealed)
            return Answer(TubeStatus.Replayed);
        var next = State.Copy();
        next.Sealed = true;
        await Commit(next);
        return Answer(TubeStatus.Done);
    }

    /// <inheritdoc/>
    public async Task<TubeImportAnswer> Import(WholeTube tube)
    {
        await Deliver();
        if (State.Opening is { } present && present != tube.Opening)
            return new TubeImportAnswer(TubeStatus.Conflict, []);
        var next = State.Copy();
        next.Opening = tube.Opening;
        next.Members = [.. State.Members];
        var statuses = new TubeStatus[tube.Samples.Length];
        for (var i = 0; i < statuses.Length; i++)
        {
            var status = await Check(next, tube.Samples[i]);
            statuses[i] = status;
            if (status == TubeStatus.Done)
                Put(next, tube.Samples[i]);
        }
        // All of it or nothing: a tube that was taken in part could not be sent again once its line is put right.
        var refused = Array.FindIndex(
            statuses, each => each is not (TubeStatus.Done or TubeStatus.Replayed or TubeStatus.AlreadyInTube));
        if (refused >= 0)
            return new TubeImportAnswer(statuses[refused], statuses);
        next.Sealed |= tube.Seal;
        var changed = State.Opening is null || next.Sealed != State.Sealed || next.Revision != State.Revision;
        var held = State.Opening is null ? State.Results.Length : 0;
        if (changed)
            await Commit(next);
        await DeliverAndSettle();
        metrics.Released(held);
        return new TubeImportAnswer(changed ? TubeStatus.Done : TubeStatus.Replayed, statuses);
    }

    /// <inheritdoc/>
    public async Task<ResultReceipt> Report(ResultReport report)
    {
        var receipt = await Take(report);
        metrics.Reported(receipt.Status, receipt.Applied);
        if (receipt is { Status: ResultStatus.Accepted, Applied: true } && State.Count > 0)
            metrics.Applied(time.GetUtcNow() - State.Members.Where(each => !each.Withdrawn).Min(each => each.CollectedAt));
        return receipt;
    }

    /// <inheritdoc/>
    public ValueTask<TubeView> Get()
    {
        var verdict = VerdictOf(State);
        var phase = State switch
        {
            { Opening: null } => TubePhase.Unknown,
            _ when verdict.Corrected => TubePhase.Corrected,
            _ when verdict.Counting is not null => TubePhase.Resulted,
            { Sealed: true } => TubePhase.Sealed,
            _ => TubePhase.Open,
        };
        return new(new TubeView(
            phase,
            State.Count,
            State.Opening?.Capacity ?? 0,
            State.Opening?.SiteId,
            verdict.Counting?.Result,
            verdict.Counting?.TestedAt,
            phase == TubePhase.Unknown ? State.Results.Length : 0,
            State.Conflicts.Length));
    }

    /// <inheritdoc/>
    public Task Resume() => DeliverAndSettle();

    private async Task<ResultReceipt> Take(ResultReport report)
    {
        if (Array.Find(State.Results, each => each.Report.Sequence == report.Sequence) is { } first)
            return await Repeat(first, report);
        var receiptId = StableId.Of($"result|{report.TubeId}|{report.Sequence}");
        if (report.CorrectionOf >= report.Sequence)
            return new ResultReceipt(ResultStatus.CorrectionInvalid, receiptId, false);
        if (State.Results.Length >= TubeState.ResultsMax)
            return new ResultReceipt(ResultStatus.TooMany, receiptId, false);

        var next = State.Copy();
        next.Results =
        [
            .. State.Results.Append(new ReceivedResult(report, receiptId, time.GetUtcNow(), Held: State.Opening is null))
                .OrderBy(each => each.Report.Sequence),
        ];
        if (VerdictOf(next) != VerdictOf(State))
        {
            next.Revision++;
            next.Members = Array.ConvertAll(
                State.Members, member => member.Withdrawn ? member : member with { Due = next.Revision });
        }
        await Commit(next);
        await DeliverAndSettle();
        return new ResultReceipt(ResultStatus.Accepted, receiptId, State.Opening is not null);
    }

    private async Task<TubeStatus> Add(SampleCollected sample)
    {
        var status = await Check(State, sample);
        if (status != TubeStatus.Done)
            return status;
        var next = State.Copy();
        next.Members = [.. State.Members];
        Put(next, sample);
        await Commit(next);
        return TubeStatus.Done;
    }

    private async Task<TubeStatus> Check(TubeState tube, SampleCollected sample)
    {
        if (tube.Opening is not { } opening)
            return TubeStatus.Unknown;
        if (sample.IdempotencyKey is not null
            && Array.Exists(tube.Members, each => IsRepeat(each, sample) && (each.Resident, each.CollectedAt) != (sample.Resident, sample.CollectedAt)))
            return TubeStatus.KeyConflict;
        // A command that comes again late does not bring back a sample that was withdrawn meanwhile.
        if (Array.Find(tube.Members, each => each.Resident == sample.Resident) is { } member
            && (IsRepeat(member, sample) || !member.Withdrawn))
            return IsRepeat(member, sample) ? TubeStatus.Replayed : TubeStatus.AlreadyInTube;
        if (tube.Sealed)
            return TubeStatus.Sealed;
        if (tube.Count >= opening.Capacity)
            return TubeStatus.Full;
        if (VerdictOf(tube).Counting is { } result && sample.CollectedAt > TubeRules.LastCollection(tube.Results, result))
            return TubeStatus.CollectedAfterResult;
        var view = await GrainFactory.GetGrain<IResidentGrain>(sample.Resident).Show();
        return view.Registered ? TubeStatus.Done : TubeStatus.ResidentUnknown;
    }

    private static bool IsRepeat(TubeMember member, SampleCollected sample) =>
        sample.IdempotencyKey is { } key && StableId.ShortOf(key) == member.Command;

    private static void Put(TubeState next, SampleCollected sample)
    {
        next.Revision++;
        var command = sample.IdempotencyKey is { } key ? StableId.ShortOf(key) : 0;
        var member = new TubeMember(sample.Resident, sample.CollectedAt, command, next.Revision, 0, null);
        // Somebody who was withdrawn and comes back takes the old place.
        var at = Array.FindIndex(next.Members, each => each.Resident == sample.Resident);
        if (at >= 0)
            next.Members[at] = member;
        else
            next.Members = [.. next.Members, member];
    }

    private async Task<ResultReceipt> Repeat(ReceivedResult first, ResultReport report)
    {
        var status = ResultStatus.Replayed;
        if (first.Report != report)
        {
            status = ResultStatus.Conflict;
            var known = Array.Exists(State.Conflicts, each => each.Report == report);
            if (!known && State.Conflicts.Length < TubeState.ConflictsMax)
            {
                var next = State.Copy();
                next.Conflicts = [.. State.Conflicts, new ReceivedResult(report, first.ReceiptId, time.GetUtcNow(), first.Held)];
                await Commit(next);
            }
        }
        await DeliverAndSettle();
        return new ResultReceipt(status, first.ReceiptId, State.Opening is not null);
    }

    /// <summary>Brings every change to those it is due to, and writes that it did.</summary>
    private async Task DeliverAndSettle()
    {
        if (!State.HasPendingWork)
            return;
        await Deliver();
        await Commit(State);
    }

    /// <summary>
    /// Brings every change to those it is due to. That it did is written with the tube's next change: until then a
    /// restart brings it again, which the residents recognise.
    /// </summary>
    private async Task Deliver()
    {
        if (!State.HasPendingWork)
            return;
        var verdict = VerdictOf(State);
        var tubeId = this.GetPrimaryKeyString();
        var waits = new List<Task>(State.Members.Length);
        foreach (var member in State.Members)
        {
            if (member.Delivered < member.Due)
            {
                var resident = GrainFactory.GetGrain<IResidentGrain>(member.Resident);
                waits.Add(resident.Apply(TubeRules.Standing(tubeId, member, verdict)));
            }
        }
        await Task.WhenAll(waits);
        State.Members = Array.ConvertAll(State.Members, member => member with { Delivered = member.Due });
    }

    private static TubeVerdict VerdictOf(TubeState tube) => TubeRules.Verdict(tube.Results, tube.Opening?.Capacity ?? 0);

    private TubeAnswer Answer(TubeStatus status) => new(status, State.Count, State.Opening?.Capacity ?? 0);
}
