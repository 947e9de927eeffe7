using Grid.Residents;
using Grid.Results;

namespace Grid.Sampling;

/// <inheritdoc cref="ITubeGrain"/>
/// <remarks>
/// The grain writes a change together with the members that must get it, then delivers it; each member applies it once.
/// A crash in between leaves the row marked (<see cref="IPendingWork"/>), and the next call or start delivers it.
/// </remarks>
[GrainType("tube")]
public sealed class TubeGrain(
    [PersistentState("tube", "grid")] IPersistentState<TubeState> state,
    TubeServices services
) : DurableGrain<TubeState>(state), ITubeGrain
{
    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <inheritdoc/>
    public async Task<TubeAnswer> Open(TubeOpening opening, string by)
    {
        var held = State.Results.Length;
        var change = TubeChanges.Open(State, opening, by, Now);
        if (change.Next is not null)
        {
            await CommitAsync(change.Next);
            services.Metrics.Released(held);
        }
        await DeliverAndSettleAsync();
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> AddSample(SampleCollected sample, string by)
    {
        // The call may repeat one that crashed between the tube's write and the resident's.
        await DeliverAsync();
        var change = TubeChanges.Add(State, sample, by, Now, services.Options);
        if (change.Next is not null && !await IsRegisteredAsync(sample.Resident))
            return Answer(TubeStatus.ResidentUnknown);
        await CommitAndDeliverAsync(change.Next);
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> Withdraw(Guid resident, PrivateText reason, string by)
    {
        await DeliverAsync();
        var change = TubeChanges.Withdraw(State, resident, services.Vault.SealText(resident, reason.Value), by, Now);
        await CommitAndDeliverAsync(change.Next);
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> Seal(string by)
    {
        await DeliverAsync();
        var change = TubeChanges.Seal(State, by, Now);
        await CommitAndDeliverAsync(change.Next);
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeImportAnswer> Import(WholeTube tube, string by)
    {
        await DeliverAsync();
        var (before, now) = (State, Now);
        var opened = TubeChanges.Open(before, tube.Opening, by, now);
        if (opened.Status is not (TubeStatus.Done or TubeStatus.Replayed))
            return new TubeImportAnswer(opened.Status, []);
        var next = opened.Next ?? before;
        if (next.Count == 0 && tube.Samples.Length > 0)
        {
            next = next.Copy();
            TubeChanges.SetAside(next, Moment.Earlier(tube.Samples.Max(sample => sample.CollectedAt), now), now);
        }
        var statuses = new TubeStatus[tube.Samples.Length];
        for (var i = 0; i < statuses.Length; i++)
        {
            var sample = tube.Samples[i];
            var change = TubeChanges.Add(next, sample, by, now, services.Options);
            var isKnown = change.Next is null || await IsRegisteredAsync(sample.Resident);
            statuses[i] = isKnown ? change.Status : TubeStatus.ResidentUnknown;
            if (statuses[i] == TubeStatus.Done)
                next = change.Next!;
        }
        // All or nothing: the site could not send a partly imported tube again after a correction.
        var refused = Array.FindIndex(statuses, each => !TubeImportAnswer.IsTaken(each));
        if (refused >= 0)
            return new TubeImportAnswer(statuses[refused], statuses);
        if (tube.Seal)
            next = TubeChanges.Seal(next, by, now).Next ?? next;
        var changed = before.Opening is null || next.Sealed != before.Sealed || next.Revision != before.Revision;
        if (changed)
        {
            await AnnounceAsync(next);
            await CommitAsync(next);
            services.Metrics.Released(before.Opening is null ? before.Results.Length : 0);
        }
        await DeliverAndSettleAsync();
        return new TubeImportAnswer(changed ? TubeStatus.Done : TubeStatus.Replayed, statuses);
    }

    /// <inheritdoc/>
    public async Task<ResultReceipt> Report(LabResult result, string by)
    {
        var report = result.ReportOf(this.GetPrimaryKeyString(), Subject.OrganisationOf(by));
        var receipt = await TakeAsync(report, by);
        services.Metrics.Reported(receipt.Status, receipt.Applied);
        if (receipt is { Status: ResultStatus.Accepted, Applied: true } && State.Count > 0)
        {
            var firstSampleAt = State.Members.Where(each => !each.Withdrawn).Min(each => each.CollectedAt);
            services.Metrics.Applied(Now - firstSampleAt);
        }
        return receipt;
    }

    /// <inheritdoc/>
    public ValueTask<TubeView> Get()
    {
        var verdict = TubeRules.Verdict(State);
        var phase = State switch
        {
            { Opening: null } => TubePhase.Unknown,
            _ when verdict.Corrected => TubePhase.Corrected,
            _ when verdict.Counting is not null => TubePhase.Resulted,
            { Sealed: true } => TubePhase.Sealed,
            _ => TubePhase.Open,
        };
        return new(
            new TubeView(
                phase,
                State.Count,
                State.Opening?.Capacity ?? 0,
                State.Opening?.SiteId,
                verdict.Counting?.Report.Result,
                verdict.Counting?.TestedAt,
                phase == TubePhase.Unknown ? State.Results.Length : 0,
                State.Conflicts.Count(static conflict => conflict.IsOpen)
            )
        );
    }

    /// <inheritdoc/>
    public ValueTask<TubeConflict?> Conflict(Guid conflictId)
    {
        var conflict = Array.Find(State.Conflicts, each => each.ConflictId == conflictId);
        return new(conflict is null ? null : Unsealed(conflict));
    }

    /// <inheritdoc/>
    public async Task<ConflictAnswer> Resolve(Guid conflictId, ConflictDecision decision)
    {
        await DeliverAsync();
        var kept = decision with { At = Now, Reason = services.Vault.SealText(conflictId, decision.Reason) };
        var (before, (status, next)) = (State, ResultChanges.Resolve(State, conflictId, kept));
        await CommitAndDeliverAsync(next);
        // A repeat also removes the index entry that a crash left behind.
        foreach (var conflict in State.Conflicts)
        {
            if (!conflict.IsOpen && (conflict.ConflictId == conflictId || WasOpen(conflict)))
                await Index(conflict.ConflictId).Remove(conflict.ConflictId);
        }
        return new ConflictAnswer(status, await Conflict(conflictId));

        bool WasOpen(TubeConflict conflict) =>
            Array.Exists(before.Conflicts, each => each.IsOpen && each.ConflictId == conflict.ConflictId);
    }

    /// <inheritdoc/>
    public Task Resume() => DeliverAndSettleAsync();

    private TubeConflict Unsealed(TubeConflict conflict)
    {
        if (conflict.Decision is not { } decision)
            return conflict;
        var reason = services.Vault.UnsealText(conflict.ConflictId, decision.Reason);
        return conflict with { Decision = decision with { Reason = reason } };
    }

    private async Task<ResultReceipt> TakeAsync(ResultReport report, string by)
    {
        var change = ResultChanges.Take(State, report, by, Now, services.Options);
        if (change.Next is { } next)
        {
            if (State.Opening is null && !State.HeldFor.Contains(report.LabId))
            {
                if (!await HeldTubes(report.LabId).TryHold(TubeDigest))
                    return new ResultReceipt(ResultStatus.HeldTooMany, change.ReceiptId, false);
                next.HeldFor = [.. State.HeldFor, report.LabId];
            }
            await AnnounceAsync(next);
            await CommitAsync(next);
        }
        await DeliverAndSettleAsync();
        return new ResultReceipt(change.Status, change.ReceiptId, State.Opening is not null);
    }

    private async Task CommitAndDeliverAsync(TubeState? next)
    {
        if (next is not null)
        {
            await AnnounceAsync(next);
            await CommitAsync(next);
        }
        await DeliverAsync();
    }

    /// <summary>
    /// Adds new conflicts to the index before the tube is written. The list drops an entry without a conflict, but a
    /// conflict without an entry would never be found. If the index is full, only the tube has the conflict.
    /// </summary>
    private async Task AnnounceAsync(TubeState next)
    {
        foreach (var conflict in next.Conflicts)
        {
            var id = conflict.ConflictId;
            if (conflict.IsOpen && !Array.Exists(State.Conflicts, each => each.ConflictId == id))
                await Index(id).Add(new ConflictEntry(id, this.GetPrimaryKeyString(), conflict.OpenedAt));
        }
    }

    private async Task<bool> IsRegisteredAsync(Guid resident) =>
        (await GrainFactory.GetGrain<IResidentGrain>(resident).Show()).Registered;

    /// <summary>Delivers every due change, then writes that it is delivered.</summary>
    private async Task DeliverAndSettleAsync()
    {
        if (!State.HasPendingWork)
            return;
        await DeliverAsync();
        await CommitAsync(State);
    }

    /// <summary>
    /// Delivers every due change. The tube's next write records it; a restart before that delivers again, which the
    /// residents ignore.
    /// </summary>
    private async Task DeliverAsync()
    {
        if (!State.HasPendingWork)
            return;
        var verdict = TubeRules.Verdict(State);
        var tubeId = this.GetPrimaryKeyString();
        var waits = new List<Task>(State.Members.Length);
        foreach (var member in State.Members)
        {
            if (member.Delivered < member.Due)
            {
                var resident = GrainFactory.GetGrain<IResidentGrain>(member.Resident);
                waits.Add(resident.Apply(TubeRules.Standing(tubeId, member, verdict, State.Opening!.Capacity)));
            }
        }
        // The tube is registered, so it no longer counts as held for a laboratory.
        foreach (var laboratory in State.HeldFor)
            waits.Add(HeldTubes(laboratory).Release(TubeDigest));
        await Task.WhenAll(waits);
        State.Members = Array.ConvertAll(State.Members, member => member with { Delivered = member.Due });
        State.HeldFor = [];
    }

    private ulong TubeDigest => StableId.ShortOf(this.GetPrimaryKeyString());

    private IHeldTubesGrain HeldTubes(string laboratory) =>
        GrainFactory.GetGrain<IHeldTubesGrain>(HeldShards.KeyOf(laboratory, TubeDigest));

    private IConflictIndexGrain Index(Guid conflictId) =>
        GrainFactory.GetGrain<IConflictIndexGrain>(ConflictShards.KeyOf(conflictId));

    private TubeAnswer Answer(TubeStatus status) => new(status, State.Count, State.Opening?.Capacity ?? 0);
}
